"""`python -m routing`."""

from routing.app import main

main()
