"""Building blocks without a domain: single flight, bounded queue, circuit breaker."""
