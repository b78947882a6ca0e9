"""Subscriptions to changes on the map."""
