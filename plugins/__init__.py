"""The built-in components: one folder a kind, one file a component, its hook at the end."""
