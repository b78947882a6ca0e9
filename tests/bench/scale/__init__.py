"""Lines about rates, waiting, size and growth."""
