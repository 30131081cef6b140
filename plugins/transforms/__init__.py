"""Built-in transforms: one component a file."""
