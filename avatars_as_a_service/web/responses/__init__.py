"""Shapes responses: hits, errors, and the headers that they share."""
