"""Counts answers, requests and calls in one process; the exporter adds up all processes for Prometheus."""
