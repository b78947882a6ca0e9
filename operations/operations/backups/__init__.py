"""Copies of what no topic says, and how a system goes on from one without saying anything twice."""
