"""Rules: what may be reported and how often, and what is derived from a report. Pure: time and secrets come in."""
