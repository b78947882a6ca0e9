"""What people read goes through catalogues (docs/decisions/0072): found in the sources, kept up to date, nothing else.

`make texts` renews the catalogues; the checks are `catalogues.complete`, `bare.templates` and `bare.scripts`.
"""
