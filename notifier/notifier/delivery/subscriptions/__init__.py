"""Mail to those who subscribed to changes on the map."""
