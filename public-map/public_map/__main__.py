"""`python -m public_map` runs the service."""

from public_map.app import main

main()
