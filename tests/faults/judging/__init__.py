"""Whether what stands in a ledger is what may stand there: pure functions of the ledger and the terms."""
