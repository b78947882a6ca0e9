"""`kmzb agency …`: the agencies threats are handed to, as data."""
