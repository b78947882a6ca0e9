"""Open311 GeoReport v2: what other cities' programs speak."""
