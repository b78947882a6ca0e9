"""`python -m intake`."""

from intake.app import main

main()
