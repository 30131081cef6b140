"""The built-in components: one folder a kind, one file a component, each with its hook at the end."""
