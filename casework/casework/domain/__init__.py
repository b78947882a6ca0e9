"""The rules of a case: its state, the table of allowed changes, what each change says. Pure: no I/O, no clock."""
