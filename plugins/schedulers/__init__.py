"""Built-in schedulers: one component a file."""
