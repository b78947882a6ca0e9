"""What comes in over HTTP, how it is refused, and how it is documented."""
