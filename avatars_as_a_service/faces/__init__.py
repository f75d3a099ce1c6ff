"""Gets or draws a face, and pays for it once."""
