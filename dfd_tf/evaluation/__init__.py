"""How good a detector is: metrics with intervals, plots, and a report for people."""
