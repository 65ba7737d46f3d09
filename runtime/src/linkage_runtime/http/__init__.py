"""What every HTTP API here shares: problems, access, probes, paging."""
