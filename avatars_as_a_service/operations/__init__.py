"""Work beside requests: background tasks, shutdown, readiness, stats, gauges, the dashboard report."""
