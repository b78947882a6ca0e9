"""The shell every service stands in, written once: consumer loop, relay, database, settings, telemetry, clock.

It holds no rule about reports: a service gives it one function for what it hears, and the shell does the rest.
"""
