"""Built-in activations: one component a file."""
