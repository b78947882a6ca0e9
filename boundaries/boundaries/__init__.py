"""Poland's areas and police districts: built from open data, seeded, imported, published to the topic `district`."""
