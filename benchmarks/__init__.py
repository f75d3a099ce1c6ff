"""What the service can do, measured: ``python -m benchmarks`` prints one table from one run."""
