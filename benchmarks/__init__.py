"""Training steps and single operations in plugrad and in PyTorch, side by side: see __main__.py."""
