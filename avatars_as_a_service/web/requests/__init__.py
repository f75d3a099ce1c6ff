"""Reads requests: the client, the query, the headers that choose an answer."""
