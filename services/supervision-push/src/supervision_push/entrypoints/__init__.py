"""The processes of this service, each started with ``python -m``."""
