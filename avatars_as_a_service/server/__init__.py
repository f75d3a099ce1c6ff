"""Uvicorn made safe and fast: configuration, protocol, response cycle."""
