"""Scoring on Apache Beam: any number of photos, on any number of machines, as Parquet."""
