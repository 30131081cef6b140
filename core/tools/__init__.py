"""The command `plugrad`, what it tells about the build, and the stubs for editors."""
