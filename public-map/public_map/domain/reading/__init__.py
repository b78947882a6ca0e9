"""What readers of the map ask for beside lists of reports: tiles, places by name, changes as they happen."""
