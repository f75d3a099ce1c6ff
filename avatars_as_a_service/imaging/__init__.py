"""Validates, renders and resizes picture bytes, in a pool of render workers."""
