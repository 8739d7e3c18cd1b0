"""Fakes made from real photos: self-blended faces, and the lattice that generators leave.

Self-blended images (Shiohara and Yamasaki 2022, arXiv:2204.08376) paste a changed copy of a face
onto itself. What remains to be learned is the seam: two sharpnesses, two colours, two grids of
pixels in one picture, as in face swaps and retouched photos. No landmarks are needed here: the
regions lie where the recipe of FFHQ puts eyes, nose and mouth, with jitter. Unlike the paper's, the
photo around the region stays as it is, so that no colour or softness of a whole image betrays its
class and a fake needs no twin.

A generated image has no seam. `resampled` passes the photo through the last step of a generator
instead: up-sampling by two, whose uneven kernel leaves a lattice (Odena et al. 2016).

Images are RGB, uint8, shape (height, width, 3).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from dfd_tf.data.preprocess import Window
from dfd_tf.types import Image

Mask = NDArray[np.float32]

PSEUDO_FAKES = ("self_blended", "resampled")

GRID = 128  # masks are drawn on this many squares a side, then brought to the image's scale
# The share of a window that its region may cover: without a seam in it, it would be no fake.
COVER = (0.04, 0.85)
TRIES = 8
CENTRE, HALF_AXES = ((0.47, 0.53), (0.61, 0.71)), ((0.26, 0.31), (0.26, 0.32))
PARTS = ((0.24, 0.40, 0.76, 0.54), (0.42, 0.45, 0.58, 0.66), (0.34, 0.64, 0.66, 0.82))
RATIOS = (0.25, 0.5, 0.75, 1.0, 1.0, 1.0)
# Kernels of up-sampling by two: nearest, linear, and one with the overshoot of learned ones.
KERNELS = ((0.0, 1.0, 1.0, 0.0), (0.25, 0.75, 0.75, 0.25), (-0.1, 1.1, 1.1, -0.1))


def forge(kind: str, image: Image, window: Window, rng: np.random.Generator) -> Image:
    """The pixels of a window of a real photo, made a fake.

    Args:
        kind: one of `PSEUDO_FAKES`.
        image: the photo.
        window: what is shown of it.
        rng: source of all chance.
    """
    if kind == "resampled":
        return resampled(window.cut(image), rng)
    return self_blended(image, window, rng)


def self_blended(image: Image, window: Window, rng: np.random.Generator) -> Image:
    """Blend a changed copy of the photo into a region of its window, see the module.

    Returns:
        The window's pixels. Outside the region they are the photo's, bit for bit.
    """
    frame = _frame(image, window)
    ratio = RATIOS[rng.integers(len(RATIOS))]
    alpha = ratio * _in_pixels(_soften(_region(frame, window, rng), rng), frame, window)
    # Only the box around the region is worked on: half the time.
    x, y, width, height = cv2.boundingRect((alpha > 0).astype(np.uint8))
    box = (slice(y, y + height), slice(x, x + width))
    forged = window.cut(image).copy()
    source = _change_detail(_change_colour(_moved(image, window, box, rng), rng), rng)
    forged[box] = _uint8(cv2.blendLinear(source, forged[box], alpha[box], 1 - alpha[box]))
    return forged


def resampled(square: Image, rng: np.random.Generator) -> Image:
    """Halve a square image, up-sample it by two as a generator does, and mix it with itself."""
    height, width = square.shape[:2]
    half = cv2.resize(square, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
    sparse = np.zeros((2 * half.shape[0], 2 * half.shape[1], 3), np.uint8)
    sparse[::2, ::2] = half
    row, column = (_uneven_kernel(rng) for _ in range(2))
    lattice = cv2.sepFilter2D(sparse, -1, row, column, borderType=cv2.BORDER_REFLECT_101)
    share = rng.uniform(0.4, 1.0)
    return _uint8(cv2.addWeighted(lattice[:height, :width], share, square, 1 - share, 0))


def _uneven_kernel(rng: np.random.Generator) -> NDArray[np.float32]:
    kernel = np.array(KERNELS[rng.integers(len(KERNELS))]) * rng.normal(1, 0.05, 4)
    return np.asarray(2 * kernel / kernel.sum(), np.float32)


def _frame(image: Image, window: Window) -> Window:
    """The square in which the face is looked for: the central one, or a small window itself."""
    height, width = image.shape[:2]
    side = min(height, width)
    if 2 * window.side < side:
        return window
    return Window((height - side) // 2, (width - side) // 2, side)


def _region(frame: Window, window: Window, rng: np.random.Generator) -> Mask:
    """A region of the face with a seam inside the window: 0 or 1, shape (GRID, GRID)."""
    top, left = (
        GRID * (inner - outer) // frame.side
        for inner, outer in zip(window[:2], frame[:2], strict=True)
    )
    side = GRID * window.side // frame.side
    for _ in range(TRIES):
        region = _deform(_draw_region(rng), rng)
        seen = region[max(top, 0) : top + side, max(left, 0) : left + side]
        if COVER[0] < seen.sum() / side**2 < COVER[1]:
            return region
    middle = (left + side // 2, top + side // 2)
    return np.asarray(cv2.circle(_empty(), middle, side // 3, 1.0, -1), np.float32)


def _draw_region(rng: np.random.Generator) -> Mask:
    kind = rng.random()
    if kind < 0.35:
        return _parts(rng)
    hull = _hull(rng)
    if kind < 0.5:
        cut = int(GRID * rng.uniform(0.4, 0.7))
        half = (slice(None), slice(cut)) if rng.random() < 0.5 else (slice(cut), slice(None))
        hull[half] = 0
    return hull


def _hull(rng: np.random.Generator) -> Mask:
    """The face: an ellipse, or every other time a polygon with corners near it."""
    centre = np.array([rng.uniform(*limits) for limits in CENTRE])
    axes = np.array([rng.uniform(*limits) for limits in HALF_AXES])
    corners, roughness = (int(rng.integers(8, 15)), 0.12) if rng.random() < 0.5 else (48, 0.0)
    angles = 2 * np.pi * np.arange(corners) / corners
    radii = 1 + roughness * rng.uniform(-1, 1, (corners, 1))
    points = centre + radii * axes * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _filled(cv2.convexHull(_corners(points)))


def _parts(rng: np.random.Generator) -> Mask:
    """One or more of eyes, nose and mouth, as in photos retouched by hand."""
    region = _empty()
    shown = rng.random(len(PARTS)) < 0.4
    shown[rng.integers(len(PARTS))] = True
    for part in np.array(PARTS)[shown]:
        left, top, right, bottom = part + rng.uniform(-0.03, 0.03, 4)
        middle, size = ((left + right) / 2, (top + bottom) / 2), (right - left, bottom - top)
        box = np.array([*middle, *size]) * GRID
        if rng.random() < 0.5:
            cv2.ellipse(region, (tuple(box[:2]), tuple(box[2:]), 0.0), 1.0, -1)
        else:
            cv2.rectangle(region, _corner(left, top), _corner(right, bottom), 1.0, -1)
    return region


def _deform(region: Mask, rng: np.random.Generator) -> Mask:
    """Bend a region's outline by a few hundredths of its frame."""
    coarse = rng.normal(0, 0.015 * GRID, (6, 6, 2)).astype(np.float32)
    bent = cv2.resize(coarse, (GRID, GRID), interpolation=cv2.INTER_CUBIC) + _PLACES
    x, y = bent[..., 0], bent[..., 1]
    return np.asarray(cv2.remap(region, x, y, cv2.INTER_LINEAR), np.float32)


def _soften(region: Mask, rng: np.random.Generator) -> Mask:
    """Shrink a region by a random margin and give it a soft edge as wide: in [0, 1]."""
    first, second = (2 * int(k) + 1 for k in rng.integers(1, 7, 2))
    core = (np.asarray(cv2.GaussianBlur(region, (first, first), 0)) > 0.999).astype(np.float32)
    core = core if core.any() else region
    soft = cv2.GaussianBlur(core, (second, second), rng.uniform(2.5, 22))
    return np.asarray(soft / soft.max(), np.float32)


def _in_pixels(mask: Mask, frame: Window, window: Window) -> Mask:
    """A mask over the frame, read at the window's pixels: shape (side, side)."""
    scale = GRID / frame.side
    shift = [(w - f + 0.5) * scale - 0.5 for w, f in zip(window[:2], frame[:2], strict=True)]
    matrix = np.array([[scale, 0, shift[1]], [0, scale, shift[0]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(mask, matrix, (window.side, window.side), flags=flags))


def _moved(
    image: Image, window: Window, box: tuple[slice, slice], rng: np.random.Generator
) -> Image:
    """A box of the window, the photo shifted by up to 3 % and scaled by up to 5 % beneath it."""
    scale = rng.uniform(0.95, 1 / 0.95)
    shift = rng.uniform(-1, 1, 2) * (0.03, 0.015) * min(image.shape[:2])
    rows, columns = box
    inside = np.array([columns.start, rows.start])
    x, y = (1 - scale) * window.side / 2 + scale * inside + shift + (window.left, window.top)
    matrix = np.array([[scale, 0, x], [0, scale, y]])
    flags = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[rng.integers(2)] | cv2.WARP_INVERSE_MAP
    size = (columns.stop - columns.start, rows.stop - rows.start)
    border = cv2.BORDER_REFLECT_101
    return _uint8(cv2.warpAffine(image, matrix, size, flags=flags, borderMode=border))


def _change_colour(image: Image, rng: np.random.Generator) -> Image:
    """Contrast and brightness by up to 10 %, and three times in ten a shift of each channel."""
    contrast, brightness = 1 + rng.uniform(-0.1, 0.1), 255 * rng.uniform(-0.1, 0.1)
    shift = rng.uniform(-20, 20, 3) * (rng.random() < 0.3)
    curves = contrast * np.arange(256)[:, None] + brightness + shift
    return _uint8(cv2.LUT(image, np.clip(np.rint(curves), 0, 255).astype(np.uint8)[:, None]))


def _change_detail(image: Image, rng: np.random.Generator) -> Image:
    """Lose detail by shrinking to a half or a quarter, or sharpen."""
    height, width = image.shape[:2]
    if rng.random() < 0.5:
        factor = 2 ** int(rng.integers(1, 3))
        small = (max(1, width // factor), max(1, height // factor))
        shrunk = cv2.resize(image, small, interpolation=cv2.INTER_NEAREST)
        return _uint8(cv2.resize(shrunk, (width, height)))
    amount, lightness = rng.uniform(0.2, 0.5), rng.uniform(0.5, 1.0)
    kernel = np.full((3, 3), -amount)
    kernel[1, 1] = 1 - amount + amount * (8 + lightness)
    return _uint8(cv2.filter2D(image, -1, kernel))


def _empty() -> Mask:
    return np.zeros((GRID, GRID), np.float32)


def _filled(points: cv2.typing.MatLike) -> Mask:
    return np.asarray(cv2.fillConvexPoly(_empty(), points, 1.0), np.float32)


def _corner(x: float, y: float) -> tuple[int, int]:
    return round(x * GRID), round(y * GRID)


def _corners(points: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.rint(points * GRID).astype(np.int32)


def _uint8(image: cv2.typing.MatLike) -> Image:
    return image.astype(np.uint8, copy=False)


_PLACES = np.stack(np.meshgrid(np.arange(GRID), np.arange(GRID)), axis=-1).astype(np.float32)
