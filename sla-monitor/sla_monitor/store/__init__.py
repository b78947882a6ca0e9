"""The SLA monitor's tables. Functions take a connection and never commit."""
