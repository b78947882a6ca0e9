"""What `make check` holds beside format, lint, types and imports: each rule a small function over the sources.

`python -m checks` runs them all. A check takes the sources and yields what offends, as `path:line: what is wrong`.
"""
