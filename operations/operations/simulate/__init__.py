"""A country in a box: a plausible national year, replayed against a running system over HTTP, compressed in time."""
