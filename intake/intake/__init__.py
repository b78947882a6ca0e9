"""Takes a report in: checks it, gives a receipt, and puts it on the log."""
