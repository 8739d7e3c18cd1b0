"""Training that knows only real photos, or few fakes."""
