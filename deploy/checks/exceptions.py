"""What is excepted from a check for now: (check, beginning of the path). It may only become shorter."""

EXCEPTIONS: tuple[tuple[str, str], ...] = ()


def excepted(check: str, offence: str) -> bool:
    """Whether an offence is on the list."""
    return any(check == of and offence.startswith(path) for of, path in EXCEPTIONS)
