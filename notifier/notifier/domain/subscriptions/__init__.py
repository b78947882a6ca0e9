"""What people subscribe to: changes on the map, by e-mail."""
