"""Agencies without topics answer: by a link in a mail or a letter, or by a signed request (docs/decisions/0094)."""
