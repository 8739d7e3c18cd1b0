"""Detectors for other programs: SavedModel for TF Serving, LiteRT files, and proof of parity."""
