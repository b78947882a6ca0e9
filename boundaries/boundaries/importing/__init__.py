"""From a region's file to a new district set: read, merged with the current set, checked, compared, published."""
