"""`python -m public_map` runs the service."""

import web as web

from public_map.app import main

main()
