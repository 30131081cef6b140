"""Built-in losses: one component a file."""
