"""Delivery: what was decided is sent by mail, webhook, log or topic, and what became of it is announced."""
