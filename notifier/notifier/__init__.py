"""Decides who is told what, delivers it, and keeps a ledger of every delivery."""
