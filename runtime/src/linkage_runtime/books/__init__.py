"""The books must balance: what stands on the topics, against what each service's store holds."""
