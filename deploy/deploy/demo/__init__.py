"""The demonstration: the whole system on a stack of its own, with terms in seconds and real reports all over Poland."""
