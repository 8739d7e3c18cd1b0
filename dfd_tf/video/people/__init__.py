"""Who is where in a video: shots, faces, and the tracks that they make."""
