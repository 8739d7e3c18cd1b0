"""The road from bytes to a verdict once more, as TensorFlow operations that a SavedModel can hold.

Every module mirrors one of the engine's: `header`, `jpeg`, `containers`, `exif`, `colour` and
`decode` are `data.images`, `resize` and `views` are `data.preprocess`, `verdict` is `calibration`.
A file comes to the engine's pixels or to a reason. AutoGraph turns `if` and `while` into graph
operations, so a branch may only change what was set before. Parity tests hold each pair together.
"""
