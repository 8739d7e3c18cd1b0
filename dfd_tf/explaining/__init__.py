"""Where a detector looked: heat maps of one image, and checks of what they are worth.

A heat map is easy to draw and easy to believe. So every map here comes with figures that could
show it to be worthless, and a map that fails them says so on its picture.
"""

from __future__ import annotations

METHODS = {
    "gradcam": "Grad-CAM: maps of one layer, each weighed by its mean gradient",
    "gradcam++": "Grad-CAM++: the same, weighed by the positive gradients of each place",
    "scorecam": "Score-CAM: each map weighed by the score of the image seen through it",
    "layercam": "LayerCAM: every place of every map weighed by its own positive gradient",
    "smoothgrad": "SmoothGrad: how strongly each pixel moves the score, for or against",
}
"""The methods by name, with what they do in a line."""
