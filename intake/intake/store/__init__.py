"""How much senders sent, and which Idempotency-Keys are in use: for a day at most, and all of it may vanish."""
