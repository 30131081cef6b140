"""Built-in layers: one component a file."""
