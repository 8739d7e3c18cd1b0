"""Fakes: regenerated, spliced and blended pictures, matched to the photo they replace.

Every fake comes with the photo that the camera would have taken of its scene, and takes over from
it what a simple rule could measure: the mean colour and the sharpness of the forged region. What
is left is what forensics looks for: no demosaicing, but the periodic correlations of up-sampling
and resampling (Popescu and Farid 2005; Odena, Dumoulin and Olah 2016).
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from dfd_tf.demo.camera import Camera, photograph, random_camera, render_unsampled
from dfd_tf.demo.scene import CANVAS, Scene, subject_coordinates

Forgery = tuple[np.ndarray, np.ndarray]
"""The picture, (CANVAS, CANVAS, 3) in [0, 255], and its mask, (CANVAS, CANVAS) in [0, 1]."""

_DECODER_WHITE, _SPLICE_WHITE = 0.8, 0.05
"""Most white noise that a decoder or a splicer adds, in variances of the up-sampled noise."""

_JPEG_BLUR = 0.46
"""Standard deviation, pixels, of a blur that dampens about as JPEG at qualities over 90 does."""

_LinearMap = Callable[[np.ndarray], np.ndarray]

_FACE = (0.12, 0.65, 0.8)
_UPPER_FACE = (-0.1, 0.65, 0.52)
_LOWER_FACE = (0.36, 0.59, 0.55)
"""Regions to replace: height of the middle, half-width and half-height, in subject units."""


def regenerate(scene: Scene, camera: Camera, rng: np.random.Generator) -> Forgery:
    """The whole picture comes out of a decoder's up-sampling chain."""
    photo, clean = _take(scene, camera, rng)
    decoder = _random_decoder(rng)
    mask = np.ones((CANVAS, CANVAS), dtype=np.float32)
    forged = decoder(render_unsampled(scene.light, camera))
    forged = _match_sharpness(_match_colour(forged, clean, mask), clean, mask)
    return forged + _match_grain(
        decoder(_white_noise(rng)), photo - clean, mask, _DECODER_WHITE, rng
    ), mask


def splice(scene: Scene, donor: Scene, camera: Camera, rng: np.random.Generator) -> Forgery:
    """A part of the photo is replaced by the same part of a photo by another camera, resampled."""
    photo, clean = _take(scene, camera, rng)
    donor_photo, donor_clean = _take(donor, random_camera(rng), rng)
    align = _aligner(donor, scene)
    region = (_FACE, _UPPER_FACE, _LOWER_FACE)[rng.integers(3)]
    mask = cv2.GaussianBlur(_ellipse(scene, region), (0, 0), rng.uniform(0.4, 0.9))
    pasted = _match_sharpness(_match_colour(align(donor_clean), clean, mask), clean, mask)
    grain = align(donor_photo - donor_clean)
    pasted += _match_grain(grain, photo - clean, mask, _SPLICE_WHITE, rng)
    return _lay(pasted, photo, mask), mask


def blend(scene: Scene, donor: Scene, camera: Camera, rng: np.random.Generator) -> Forgery:
    """A decoder's rendering of the donor's face is blended softly over the photo's."""
    photo, clean = _take(scene, camera, rng)
    decoder = _random_decoder(rng)
    mask = cv2.GaussianBlur(_ellipse(scene, _FACE), (0, 0), rng.uniform(3.0, 7.0))
    face = decoder(_aligner(donor, scene)(render_unsampled(donor.light, camera)))
    face = _match_sharpness(_match_colour(face, clean, mask), clean, mask)
    face += _match_grain(decoder(_white_noise(rng)), photo - clean, mask, _DECODER_WHITE, rng)
    return _lay(face, photo, mask), mask


def _take(scene: Scene, camera: Camera, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The photo of a scene, and the same without noise; their difference is the grain."""
    return photograph(scene.light, camera, rng), photograph(scene.light, camera)


def _lay(forged: np.ndarray, photo: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return photo + cv2.merge([mask] * 3) * (forged - photo)


def _white_noise(rng: np.random.Generator) -> np.ndarray:
    """Noise that is partly common to the three channels, (CANVAS, CANVAS, 3)."""
    noise = rng.standard_normal((CANVAS, CANVAS, 3), dtype=np.float32)
    return cv2.transform(noise, 0.5 * np.eye(3) + 0.4)


# ---------------------------------------------------------------------------------------------
# Up-sampling and resampling
# ---------------------------------------------------------------------------------------------


def _random_decoder(rng: np.random.Generator) -> _LinearMap:
    """A linear decoder: its codes at a half and a quarter of the size are up-sampled in turn.

    Like the skip connections of a U-Net, a share of the half-size code bypasses the quarter.
    """
    inner, outer = _random_upsampling(rng), _random_upsampling(rng)
    skip = np.float32(rng.uniform(0.5, 1.0))

    def decode(picture: np.ndarray) -> np.ndarray:
        half = _halve(picture)
        return outer(skip * half + (1 - skip) * inner(_halve(half)))

    return decode


def _halve(picture: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    return cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)


def _random_upsampling(rng: np.random.Generator) -> _LinearMap:
    """Doubling as decoders do it: transposed convolution, or nearest or bilinear then convolution.

    The kernels stray a little from the ideal ones, as learned kernels do, which leaves a faint
    checkerboard.
    """
    method = rng.integers(3)
    if method == 0:
        tap = np.array([1, 3, 3, 1]) / 4
        kernel = np.outer(tap, tap) * (1 + 0.01 * rng.standard_normal((4, 4)))
        return lambda code: _transposed_convolution(code, kernel * (4 / kernel.sum()))
    interpolation = (cv2.INTER_NEAREST, cv2.INTER_LINEAR)[method - 1]
    tap = np.array(([1, 4, 1], [-1, 7, -1])[method - 1])
    kernel = np.outer(tap, tap) * (1 + 0.1 * rng.standard_normal((3, 3)))
    return lambda code: cv2.filter2D(
        cv2.resize(code, None, fx=2, fy=2, interpolation=interpolation), -1, kernel / kernel.sum()
    )


def _transposed_convolution(code: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Stride 2: every sample is spread over its neighbours by ``kernel``, (4, 4) of sum 4."""
    spread = np.zeros((2 * code.shape[0], 2 * code.shape[1], 3), dtype=np.float32)
    spread[::2, ::2] = code
    return cv2.filter2D(spread, -1, kernel)


def _aligner(donor: Scene, scene: Scene) -> _LinearMap:
    """The affine resampling that lays the donor's subject over the scene's."""
    to_pixels = np.vstack([scene.frame, [0, 0, 1]])
    from_pixels = np.vstack([cv2.invertAffineTransform(donor.frame), [0, 0, 1]])
    matrix = (to_pixels @ from_pixels)[:2]
    return lambda picture: cv2.warpAffine(
        picture, matrix, (CANVAS, CANVAS), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )


def _ellipse(scene: Scene, region: tuple[float, float, float]) -> np.ndarray:
    """1 inside ``region`` of the scene's subject, 0 outside, (CANVAS, CANVAS)."""
    u, v = subject_coordinates(scene.frame)
    middle, half_width, half_height = region
    inside = np.hypot(u / half_width, (v - middle) / half_height) < 1
    return inside.astype(np.float32)


# ---------------------------------------------------------------------------------------------
# Matching a forgery to the photo it replaces
# ---------------------------------------------------------------------------------------------


def _match_colour(forged: np.ndarray, clean: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Gives each channel of ``forged`` the mean of ``clean`` inside ``mask``."""
    return forged + np.einsum("ij,ijk->k", mask / mask.sum(), clean - forged)


def _match_sharpness(forged: np.ndarray, clean: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Blurs or sharpens ``forged`` towards the Laplacian energy of ``clean`` inside ``mask``."""
    target = _energy(_laplacian(clean), mask)
    detail = forged - cv2.GaussianBlur(forged, (0, 0), 1.0)
    edges, sharper = _laplacian(forged), _laplacian(detail)
    # The strength k solves |edges + k sharper|^2 = target, or comes as near as it can.
    a, b = _energy(sharper, mask), float(np.vdot(mask, edges * sharper))
    c = _energy(edges, mask) - target
    k = (np.sqrt(max(b * b - a * c, 0.0)) - b) / a
    return forged + np.float32(np.clip(k, -1.0, 2.5)) * detail


def _match_grain(
    coarse: np.ndarray,
    wanted: np.ndarray,
    mask: np.ndarray,
    most_white: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Brings noise to the amplitude and the spectrum of the noise ``wanted`` inside ``mask``.

    ``coarse`` has been up-sampled and lacks high frequencies: white noise is added, though not
    more than ``most_white``, until the ratio of its energies in a high and a middle band is that
    of ``wanted``. Where that is out of reach the high band keeps too little.
    """
    white = cv2.merge([rng.standard_normal(mask.shape, dtype=np.float32)] * 3)
    coarse = coarse / coarse.std()
    (high, middle), (high_c, middle_c), (high_w, middle_w) = (
        _band_energies(noise, mask) for noise in (wanted, coarse, white)
    )
    lack = (high * middle_c - middle * high_c) / (middle * high_w - high * middle_w)
    share = np.clip(lack, 0.0, most_white)
    scale = middle / (middle_c + share * middle_w)
    return np.float32(np.sqrt(scale)) * (coarse + np.float32(np.sqrt(share)) * white)


def _band_energies(noise: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    """Energies in the band of ``_laplacian`` and in the lower one of a difference of Gaussians."""
    grey = cv2.cvtColor(noise, cv2.COLOR_RGB2GRAY)
    middle = cv2.GaussianBlur(grey, (0, 0), 0.7) - cv2.GaussianBlur(grey, (0, 0), 1.5)
    return _energy(_laplacian(noise), mask), _energy(middle, mask)


def _laplacian(picture: np.ndarray) -> np.ndarray:
    """The Laplacian of grey, blurred a little: JPEG blurs away the highest frequencies as well."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), _JPEG_BLUR), cv2.CV_32F)


def _energy(response: np.ndarray, mask: np.ndarray) -> float:
    return float(np.vdot(mask, response * response))
