"""Rules: what events make of a report's clocks, and which steps of a clock are announced when. Pure."""
