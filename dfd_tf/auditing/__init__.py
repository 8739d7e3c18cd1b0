"""Whether a dataset can be trusted: images in two places, and shortcuts past the face."""
