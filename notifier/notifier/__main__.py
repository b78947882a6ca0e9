"""`python -m notifier` runs the service."""

import web as web

from notifier.app import main

main()
