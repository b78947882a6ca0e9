"""`python -m routing`."""

import web as web

from routing.app import main

main()
