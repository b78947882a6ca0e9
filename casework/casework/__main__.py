"""`python -m casework`."""

from casework.app import main

main()
