"""The commands beside ``avatars serve``: each opens the database, does one thing and says so."""
