"""The operators' command: the stack, the supervisor, boundaries and the demo. The only code that may import several services."""
