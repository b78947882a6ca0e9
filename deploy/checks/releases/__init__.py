"""The release before this one: kept as an archive, and what this one may not take from it while both run.

Decision 0103.
"""
