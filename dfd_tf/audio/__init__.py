"""Sound: samples of speech, what may be wrong with them, and what they are made into."""
