"""Built-in datasets: one component a file."""
