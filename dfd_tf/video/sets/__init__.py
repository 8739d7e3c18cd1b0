"""Sets of videos with labels, each layout a record.

To add one, put a module here with `RECORDS`, or lead an entry point of the group
`dfd_tf.video_layouts` to a record in your own package.
"""
