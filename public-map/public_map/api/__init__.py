"""The HTTP side: the map, the reports on it as GeoJSON, what is near a position, and the holder's receipt."""
