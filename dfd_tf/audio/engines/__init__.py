"""What makes fakes of speech, each a record: engines that speak a text, and copies of real speech.

To add one, put a module here with `RECORDS`, or lead an entry point of the group
`dfd_tf.speech_engines` to a record in your own package. `dfd prepare --speech-fakes` makes fakes
with every one that is installed, and says how to install the others.
"""
