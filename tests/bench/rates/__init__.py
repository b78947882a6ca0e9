"""Lines about rates, and how long citizens wait."""
