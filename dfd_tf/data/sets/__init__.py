"""Folders to the table of examples: layouts, splits, checks."""
