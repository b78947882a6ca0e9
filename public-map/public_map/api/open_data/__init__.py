"""Open data: files, feeds and figures of what everyone sees on the map."""
