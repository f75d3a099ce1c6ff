"""The baselines of the comparisons: each a few lines, on uvicorn as it is released."""
