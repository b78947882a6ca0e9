"""History: reports of another system, which the map shows and nobody here works on (docs/decisions/0105)."""
