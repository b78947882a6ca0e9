"""Makes the data from published packages, and measures how right it is."""
