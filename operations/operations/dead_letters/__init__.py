"""Dead letters: what services could not use, the keys that are blocked behind it, and replaying both."""
