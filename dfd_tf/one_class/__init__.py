"""Detectors that learn what is real: their inputs, scores and losses.

The graphs stand with the other architectures in `dfd_tf.models`; how they are trained is in
`dfd_tf.training.one_class.network`.
"""
