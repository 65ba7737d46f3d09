"""Credit: facts become explainable classes, and classes decide who may use commitments."""
