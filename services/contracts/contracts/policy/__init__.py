"""What everyone goes by: the catalogue of categories, the terms of the clocks, what the public sees."""
