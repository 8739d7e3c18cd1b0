"""Examples to batches: what an epoch shows, degradations, pseudo-fakes, the pipelines."""
