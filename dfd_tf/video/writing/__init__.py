"""What is written of a judged video: tables, a verdict, a page, pictures, a copy with boxes."""
