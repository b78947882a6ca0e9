"""The map beneath the reports: our own areas and places, the sea and the neighbours, as one file of vector tiles."""
