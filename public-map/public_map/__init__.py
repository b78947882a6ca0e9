"""Keeps what the public may see, and serves it."""
