"""Decides who is notified of what, delivers it, and keeps a ledger of every delivery."""
