"""The way of one report through the system, as its topics, offsets and stores tell it."""
