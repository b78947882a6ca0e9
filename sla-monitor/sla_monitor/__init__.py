"""Keeps the 2-day and 5-day clocks of every report."""
