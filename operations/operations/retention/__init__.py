"""What is kept for how long, how old it is, and clearing away what is past its time."""
