"""What happens to sound on its way, each a record: for augmentation and for robustness alike.

To add one, put a module here with `RECORDS`, or lead an entry point of the group
`dfd_tf.sound_degradations` to a record in your own package.
"""
