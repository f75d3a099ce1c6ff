"""Finds, resizes and purges pictures."""
