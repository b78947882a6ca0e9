"""The tables: SQL, and rows to and from the domain's classes. Nothing here decides."""
