"""The rules: who is given which notice, what a report's citizen may be told, what becomes of a delivery. Pure."""
