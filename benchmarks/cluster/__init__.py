"""Three replicas behind nginx, on loopback, under load and under every fault that a replica or its servers can have."""
