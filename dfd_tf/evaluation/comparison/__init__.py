"""Two detectors on the same photos."""
