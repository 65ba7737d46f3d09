"""What the approving side knows without asking anybody: frozen values and total functions."""
