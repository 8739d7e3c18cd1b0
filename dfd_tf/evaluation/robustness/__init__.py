"""How a detector survives degraded images."""
