"""One file with all that a place without a network needs: `python -m deploy.bundle FOLDER`."""
