"""Heat maps of a detector in the coordinates of the original image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import keras
import numpy as np
from numpy.typing import NDArray

from dfd_tf.calibration import Calibration
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.scoring import score_squares
from dfd_tf.errors import UserError
from dfd_tf.explaining.geometry import Cells, cells_of, on_image, on_square
from dfd_tf.explaining.methods import Mapper, make_mapper
from dfd_tf.explaining.overlay import overlay
from dfd_tf.explaining.sanity import Sanity, check
from dfd_tf.models import architecture

RANDOM_NETWORKS = 3
NEEDS_RECTIFIED = ("gradcam++", "scorecam")


@dataclass(frozen=True)
class HeatMap:
    """Where an image speaks for a class, as the detector sees it.

    Attributes:
        target: the class asked for, 1 fake, 0 real.
        heat: float32, (height, width) of the original image, not negative, in units of the method.
        seen: bool, (height, width): what the detector saw at all.
        squares: uint8, (views, size, size, 3), the detector's input.
        square_heat: float32, (views, size, size).
    """

    target: int
    heat: NDArray[np.float32]
    seen: NDArray[np.bool_]
    squares: NDArray[np.uint8]
    square_heat: NDArray[np.float32]


class Explainer:
    """One detector and one method, ready for many images.

    Args:
        detector: the detector.
        method: one of `dfd_tf.explaining.METHODS`.

    Raises:
        UserError: the detector is an ensemble.
    """

    def __init__(self, detector: Detector, method: str = "gradcam") -> None:
        self.detector = detector
        self.method = method
        if members := detector.info.members:
            names = ", ".join(member.detector for member in members)
            raise UserError(f"an ensemble has no maps of its own: explain its members, {names}.")
        layer = cam_layer(detector.network, detector.info.architecture, method)
        by_pixel = method == "smoothgrad"
        self.layer = detector.network.inputs[0].name if by_pixel else layer.name
        self.cells = Cells(0.0, 1.0) if by_pixel else cells_of(detector.network, layer)
        self._mapper = make_mapper(method, detector.network, self.layer)

    def heat_map(self, image: NDArray[np.uint8], target: int) -> HeatMap:
        """Map an RGB image of any size, uint8, for the class 1 (fake) or 0 (real)."""
        policy = self.detector.preprocessing
        squares = policy.views_of(image)
        maps = self._mapper(squares, target)
        heat, seen = on_image(maps, self.cells, policy, *image.shape[:2])
        return HeatMap(target, heat, seen, squares, on_square(maps, self.cells, policy.size))

    def overlay(self, image: NDArray[np.uint8], score: float) -> NDArray[np.uint8]:
        """Lay over an RGB image what speaks for its verdict: uint8, of the image's shape.

        Args:
            image: of any size.
            score: the detector's P(fake) of it.
        """
        target = target_class(score, self.detector.calibration)
        found = self.heat_map(image, target)
        return overlay(image, found.heat, target, found.seen)

    def check(self, found: HeatMap) -> Sanity:
        """Hold a map against random weights and against random orders of its patches."""
        sign = 1 if found.target else -1
        size = self.detector.preprocessing.size
        random_heats = [
            on_square(mapper(found.squares, found.target), self.cells, size)
            for mapper in self._random_mappers
        ]
        return check(
            found.square_heat,
            random_heats,
            found.squares,
            lambda squares: sign * score_squares(self.detector.model, squares),
        )

    @cached_property
    def _random_mappers(self) -> list[Mapper]:
        return [
            make_mapper(self.method, with_shuffled_weights(self.detector.network, seed), self.layer)
            for seed in range(RANDOM_NETWORKS)
        ]


def cam_layer(model: keras.Model, name: str, method: str) -> keras.layers.Layer:
    """The layer whose maps a method weighs.

    The registry names it; in a variant without it, it is the last one with maps. Grad-CAM++ and
    Score-CAM are derived for maps that are not negative: where those of the named layer are
    linear, they take the next rectified ones. On linear maps they fail, mostly by an empty map.
    """
    wanted = architecture(name).cam_layer
    with_maps = [layer for layer in model.layers if len(layer.output.shape) == 4]
    names = [layer.name for layer in with_maps]
    place = names.index(wanted) if wanted in names else len(names) - 1
    if method not in NEEDS_RECTIFIED:
        return with_maps[place]
    return next((layer for layer in with_maps[place:] if _rectifies(layer)), with_maps[place])


def _rectifies(layer: keras.layers.Layer) -> bool:
    activation = getattr(layer, "activation", None)
    return isinstance(layer, keras.layers.ReLU) or activation is keras.activations.relu


def target_class(score: float, calibration: Calibration) -> int:
    """The class to be explained: fake (1) from the default threshold on, else real (0)."""
    return int(score >= calibration.threshold)


def with_shuffled_weights(model: keras.Model, seed: int) -> keras.Model:
    """A network of the same graph that has learned nothing: each tensor's numbers shuffled.

    Unlike fresh initial values this keeps their distribution, so that the signal neither dies nor
    explodes on its way, whatever the architecture.
    """
    generator = np.random.default_rng(seed)
    clone = keras.models.clone_model(model)
    clone.set_weights(
        [generator.permutation(w.ravel()).reshape(w.shape) for w in model.get_weights()]
    )
    return clone
