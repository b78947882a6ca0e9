"""Channels: one message handed over by mail or webhook, and what the other side made of it."""
