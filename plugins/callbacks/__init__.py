"""Built-in callbacks: one component a file."""
