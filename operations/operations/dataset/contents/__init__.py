"""What stands in a dataset: reports as the map showed them, counts that name nobody, and how both are written."""
