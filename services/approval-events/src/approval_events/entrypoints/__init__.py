"""The processes of this service: API, worker, and the provisioning of its indexes."""
