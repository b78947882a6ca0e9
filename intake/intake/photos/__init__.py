"""Photos of a report: taken in here, made anew in a process that can do nothing else, and put where casework reads."""
