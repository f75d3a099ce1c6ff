"""The one decision: a face is kept, is being drawn, or is to be drawn."""
