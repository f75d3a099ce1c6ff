"""Picture bytes: what is believed to be a picture, and where they are kept outside the database or wait for it."""
