"""The audit's tables: officers' requests add to them, operators look whether they are whole."""
