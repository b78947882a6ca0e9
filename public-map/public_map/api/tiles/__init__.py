"""`GET /v1/tiles/{z}/{x}/{y}.mvt`: the map as vector tiles, drawn once and kept until something in them changes."""
