"""Whether every accepted report got everywhere it should: compared topic by topic, hour by hour."""
