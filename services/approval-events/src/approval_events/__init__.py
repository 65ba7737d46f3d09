"""The approving side: decisions in, results back, the ledger of linkages."""
