"""plugrad: a deep-learning framework to learn from."""
