"""Fakes of speech to train on, made so that only what makes them tells them from real speech."""
