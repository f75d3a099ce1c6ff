"""Decides which caller may see and spend: API keys, rate limits, admission."""
