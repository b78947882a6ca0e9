"""OGC API - Features: the reports of the map for geographic information systems."""
