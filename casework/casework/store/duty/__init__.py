"""Rosters and alarms, in tables of their own."""
