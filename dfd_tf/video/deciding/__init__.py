"""From the scores of frames to what is said of a person and of a video."""
