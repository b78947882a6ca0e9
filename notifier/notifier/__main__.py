"""`python -m notifier` runs the service."""

from notifier.app import main

main()
