"""Finds the district that answers for the place of a report."""
