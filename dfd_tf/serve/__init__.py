"""A live service: an API that judges uploaded photos, and a page that asks it.

A request walks guards (who asks, how much, how long), admission (is there room), workers (a
detector each) and comes back as rows in the schema of `dfd predict`. Nothing that is uploaded is
kept, and no log holds more of it than its hash.
"""
