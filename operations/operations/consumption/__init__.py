"""What services have read and what waits for them: the offsets of their groups."""
