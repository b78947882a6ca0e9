"""`GET /v1/statistics`: figures of an area, a unit or a garrison."""
