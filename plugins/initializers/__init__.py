"""Built-in initializers: one component a file."""
