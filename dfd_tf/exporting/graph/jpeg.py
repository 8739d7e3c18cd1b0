"""The segments of a JPEG before its first scan, see `dfd_tf.data.images.header`."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dfd_tf.exporting.graph.colour import OTHER_COLOURS, is_srgb
from dfd_tf.exporting.graph.exif import orientation_in
from dfd_tf.exporting.graph.raw import equals, number

_PROGRESSIVE, _END, _SCAN, _APP1, _APP2 = 0xC2, 0xD9, 0xDA, 0xE1, 0xE2
_FRAMES = (0xC0, 0xC1, _PROGRESSIVE)
_OTHER_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)
_WITHOUT_LENGTH = (0x01, *range(0xD0, 0xD9))
_EXIF = b"Exif\0\0"
_PROFILE = b"ICC_PROFILE\0"
_MAX_SCANS = 100


def parse_jpeg(raw: Any) -> Any:
    """Reason ("" if none), width, height and orientation of the (n,) bytes of a JPEG."""
    end = tf.size(raw, tf.int64)
    position, done = tf.constant(2, tf.int64), tf.constant(False)
    reason = tf.constant("")
    width = height = tf.constant(-1, tf.int64)
    orientation, turned = tf.constant(1, tf.int64), tf.constant(False)
    while (reason == "") & ~done:
        if position + 1 >= end:
            reason = tf.constant("truncated JPEG")
        else:
            marker = raw[position + 1]
            if (raw[position] != 0xFF) | (marker == 0xFF):
                position += 1
            elif marker == _END:
                done = tf.constant(True)
            elif _is_one_of(marker, _WITHOUT_LENGTH):
                position += 2
            else:
                length = tf.constant(0, tf.int64)
                if position + 4 <= end:
                    length = number(raw, position + 2, 2)
                if (position + 4 > end) | (position + 2 + length > end):
                    reason = tf.constant("truncated JPEG")
                elif marker == _SCAN:
                    done = tf.constant(True)
                else:
                    content = raw[position + 4 : position + 2 + length]
                    position += 2 + length
                    if _is_one_of(marker, _FRAMES):
                        reason, width, height = _parse_frame(content, marker, raw[position:])
                    elif _is_one_of(marker, _OTHER_FRAMES):
                        reason = tf.constant("lossless or arithmetic-coded JPEG is not supported")
                    elif (marker == _APP1) & _begins_exif(content) & ~turned:
                        orientation = orientation_in(content[len(_EXIF) :])
                        turned = tf.constant(True)
                    elif (marker == _APP2) & equals(content, 0, _PROFILE):
                        reason = _refuse_colours(content)
    if (reason == "") & (width < 0):
        reason = tf.constant("damaged JPEG (no frame header)")
    return reason, width, height, orientation


def _parse_frame(content: Any, marker: Any, after: Any) -> Any:
    reason = tf.constant("")
    height = width = tf.constant(-1, tf.int64)
    if tf.size(content) < 6:
        reason = tf.constant("truncated JPEG")
    elif (marker == _PROGRESSIVE) & (_count_scans(after) > _MAX_SCANS):
        reason = tf.constant(f"damaged JPEG (more than {_MAX_SCANS} scans)")
    elif content[0] != 8:
        precision = tf.strings.as_string(content[0])
        reason = tf.strings.join([precision, "-bit JPEG is not supported"])
    else:
        height, width = number(content, 1, 2), number(content, 3, 2)
    return reason, width, height


def _begins_exif(content: Any) -> Any:
    """Whether an EXIF block begins here, and none is continued."""
    byte_order = equals(content, len(_EXIF), b"II") | equals(content, len(_EXIF), b"MM")
    return equals(content, 0, _EXIF) & byte_order


def _refuse_colours(content: Any) -> Any:
    """Behind its name a profile states its part and the number of parts; sRGB takes one."""
    reason = tf.constant(OTHER_COLOURS)
    start = len(_PROFILE) + 2
    if equals(content, len(_PROFILE), b"\1\1") & is_srgb(content[start:]):
        reason = tf.constant("")
    return reason


def _count_scans(raw: Any) -> Any:
    return tf.math.count_nonzero((raw[:-1] == 0xFF) & (raw[1:] == _SCAN))


def _is_one_of(marker: Any, markers: tuple[int, ...]) -> Any:
    return tf.reduce_any(marker == tf.constant(markers, tf.uint8))
