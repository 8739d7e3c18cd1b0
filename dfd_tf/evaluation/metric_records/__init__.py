"""The metrics, each a record: what it is called, what it means, how it is computed.

To add one, put a module here with `RECORDS`, or lead an entry point of the group `dfd_tf.metrics`
to a record in your own package. metrics.json, the report's table and its words follow.
"""
