"""The optimiser, its schedule and phases, and the average of weights."""
