"""The rules of the public map, pure: what it knows of a report, what everyone may see of it, and how exactly."""
