"""The old name of `python -m checks`, until nobody uses it any more."""

from checks.__main__ import main

main()
