"""Bytes of a foreign file to RGB pixels, or a reason why not."""
