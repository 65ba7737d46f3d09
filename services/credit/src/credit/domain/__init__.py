"""What a fact is, which facts count, what a scorecard makes of them: values, no I/O."""
