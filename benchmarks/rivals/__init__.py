"""What the service is compared with: each a few lines, on the same uvicorn as it comes."""
