import io

import cv2
import numpy as np
from PIL import Image as pillow

from dfd_tf.copies.alignment import align, encode_like


def photo(seed=0, side=96):
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 1.2)


def test_a_copy_keeps_its_own_detail_and_the_photos_everything_else():
    original = photo()
    copy = cv2.GaussianBlur(original, (0, 0), 2) // 2 + 100
    aligned = align(copy, original, np.random.default_rng(3))
    assert aligned.shape == original.shape
    assert aligned.dtype == np.uint8
    coarse, wanted, far = (
        cv2.GaussianBlur(image.astype(np.float32), (0, 0), 8) for image in (aligned, original, copy)
    )
    assert np.abs(coarse - wanted).mean() < 0.05 * np.abs(far - wanted).mean()
    assert np.abs(aligned.astype(int) - original).mean() > 3


def test_what_the_network_left_alone_stays_bit_for_bit():
    np.testing.assert_array_equal(align(photo(), photo(), np.random.default_rng(0)), photo())


def test_a_copy_is_coded_like_its_photo():
    for quality, subsampling in ((60, 0), (91, 2)):
        out = io.BytesIO()
        pillow.fromarray(photo()).save(out, "JPEG", quality=quality, subsampling=subsampling)
        first, second = (
            pillow.open(io.BytesIO(data))
            for data in (out.getvalue(), encode_like(photo(1), out.getvalue()))
        )
        assert first.quantization == second.quantization
        assert first.layer == second.layer  # sampling of each channel


def test_a_copy_of_a_photo_without_tables_is_a_fine_jpeg():
    out = io.BytesIO()
    pillow.fromarray(photo()).save(out, "PNG")
    decoded = np.asarray(pillow.open(io.BytesIO(encode_like(photo(), out.getvalue()))))
    assert np.abs(decoded.astype(int) - photo()).mean() < 6
