"""Built-in normalizations: one component a file."""
