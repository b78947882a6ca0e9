"""Casework's tables. Functions take a connection and never commit; all SQL of casework stands here."""
