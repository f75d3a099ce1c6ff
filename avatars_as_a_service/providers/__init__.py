"""Draws pictures: with a paid image model behind OpenAI's API, or with the local artist."""
