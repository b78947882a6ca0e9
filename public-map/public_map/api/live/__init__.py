"""`GET /v1/live`: what changes on the map, as it happens (server-sent events)."""
