"""Which instance answers for a garrison, as operators see and change it (docs/decisions/0100)."""
