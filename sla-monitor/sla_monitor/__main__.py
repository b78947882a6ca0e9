"""`python -m sla_monitor`."""

from sla_monitor.app import main

main()
