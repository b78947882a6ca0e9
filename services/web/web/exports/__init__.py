"""Files of any length: how they are written, and how they are sent while they are made."""
