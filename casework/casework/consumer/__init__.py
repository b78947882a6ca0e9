"""What follows from what the log says: pure functions from what is known and what was read to what is to be written."""
