"""Holds the case while officers work it, and is the only writer of its history."""
