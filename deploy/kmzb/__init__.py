"""The operators' command: stack, supervisor, boundaries, demo. The only code that may import several services."""
