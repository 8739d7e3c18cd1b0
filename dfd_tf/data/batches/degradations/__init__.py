"""What happens to photos on their way, each a record: for augmentation and for robustness alike.

To add one, put a module here with `RECORDS`, or lead an entry point of the group
`dfd_tf.degradations` to a record in your own package. Configurations, training plans, the
robustness protocol and its figures follow, and what others draw stays as it was.
"""
