"""The fault run: the whole system under load, killed, frozen and restarted at random, and judged from outside."""
