"""The audit of who read citizens' words: what is recorded, and how it is seen that nobody changed it afterwards."""
