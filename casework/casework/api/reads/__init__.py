"""The routes that show: cases in lists and whole, what is like a case, and what there is to do."""
