"""The frozen dataset of a month: what the map showed when it ended, and counts of what it did not."""
