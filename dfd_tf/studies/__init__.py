"""Many runs side by side: architectures, one-class detectors, baselines, and their tables."""
