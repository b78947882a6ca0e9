"""The citizen who left a contact: its sealing, the links and the page where they say yes or no, and its erasure."""
