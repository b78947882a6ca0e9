"""Everything that is said on topics, one module a subject."""
