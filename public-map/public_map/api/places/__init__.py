"""Places in words: searching one by name, and saying where a position is and who answers for it."""
