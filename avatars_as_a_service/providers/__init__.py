"""Who draws: a paid image model behind OpenAI's API, or the local artist."""
