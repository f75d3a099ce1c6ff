"""The memory cache of a process, and its synchronisation with the database."""
