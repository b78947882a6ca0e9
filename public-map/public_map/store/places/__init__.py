"""Places in words: searching them, and where they come from."""
