"""`python -m intake`."""

import web as web

from intake.app import main

main()
