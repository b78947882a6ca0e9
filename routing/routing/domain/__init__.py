"""Rules: which district set is current, which district a place lies in, and what is said of it. Pure."""
