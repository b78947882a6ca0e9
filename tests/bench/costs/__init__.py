"""Lines that compare the cost of a piece of work with a peer that does the same, or a part of it."""
