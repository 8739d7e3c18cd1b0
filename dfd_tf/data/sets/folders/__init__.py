"""A folder looked at: its tree, what names mean, which sets it holds, what is left out."""
