"""Duty: rosters and deputies, and surges of reports that call the duty officer."""
