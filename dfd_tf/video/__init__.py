"""Videos: who is in them, when a face looks forged, and how sure that is."""
