"""`python -m casework`."""

import web as web

from casework.app import main

main()
