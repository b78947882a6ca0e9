"""`kmzb drill`: a message to everybody who would be told of a missed deadline, and who of them it reached."""
