"""A detector as a folder and in memory, and the one road from a file to a score."""
