"""Built-in optimizers: one component a file."""
