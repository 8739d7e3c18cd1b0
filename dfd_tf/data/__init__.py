"""What stands between a disk and a batch; it knows nothing of detectors."""
