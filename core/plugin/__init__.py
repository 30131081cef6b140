"""The plugin door: kinds, hooks, and the registry that answers nn.Linear."""
