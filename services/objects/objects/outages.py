"""What is said when a store does not answer."""


class Unavailable(Exception):
    """The store does not take or give it now; what was asked may be asked again."""
