"""Lists of cases as files, of any length."""
