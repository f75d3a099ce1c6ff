"""Tests: they speak HTTP to the real service on real databases; only the paid provider is replaced."""
