"""The road from bytes to a verdict once more, as TensorFlow operations that a SavedModel can hold.

Every module mirrors one of the engine's: `header` is `data.image_header`, `decode` is
`data.decode`, `resize` and `views` are `data.preprocess`, `verdict` is `calibration`. AutoGraph
turns their `if` and `while` into graph operations, so a branch may only change what was set before.
Parity tests hold each pair together.
"""
