"""Training above a backbone that stands still."""
