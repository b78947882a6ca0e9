"""Lines about size and growth."""
