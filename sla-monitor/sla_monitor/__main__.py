"""`python -m sla_monitor`."""

import web as web

from sla_monitor.app import main

main()
