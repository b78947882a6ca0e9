"""Which districts are current, and which of them answers for a place: the one rule of those who route and show it."""
