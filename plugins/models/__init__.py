"""Built-in models: one family of networks a file, made of layers."""
