"""SQL: tables, and functions over a connection that read and write them. It decides nothing."""
