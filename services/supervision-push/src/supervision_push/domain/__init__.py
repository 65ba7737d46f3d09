"""The life of a push and the way of a result: values and total functions; no clock, no I/O."""
