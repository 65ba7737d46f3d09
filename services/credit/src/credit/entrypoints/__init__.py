"""The processes: the API, the stream worker, and the provisioning of indexes."""
