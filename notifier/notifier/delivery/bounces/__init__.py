"""Mail that came back: to an address of its own for each delivery, read from a Maildir, and taken for what it is."""
