"""Open what holds pictures or sound in time: PyAV, which gets at this one file and no other."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from dfd_tf.errors import Unusable

# What may be opened as a file. Playlists and scripts, which would make FFmpeg open other files or
# addresses, are none of them.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,flv,ogg,asf,gif,m4v,h264,hevc,"
    "ivf,nut,mxf,av1,obu,dv,wav,w64,mp3,flac,aac,aiff,au,caf,amr"
)


def open_media(source: str | Path | bytes, kind: str) -> Any:
    """PyAV's container of a file that is what it is, and no way to any other.

    Args:
        source: the file, or all its bytes.
        kind: what it should be, such as "a video".

    Raises:
        Unusable: there is no such file, or it cannot be read.
    """
    import av

    limits = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    options: dict[str, Any] = {"container_options": limits, "metadata_errors": "replace"}
    given = io.BytesIO(source) if isinstance(source, bytes) else _url(source)
    try:
        return av.open(given, **options)
    except (av.error.FFmpegError, ValueError, OSError) as error:
        words = getattr(error, "strerror", None) or error
        raise Unusable(f"cannot be read as {kind}: {words}") from None


def _url(source: str | Path) -> str:
    path = os.path.abspath(source)
    if not os.path.isfile(path):
        raise Unusable("no such file" if not os.path.exists(path) else "not a file")
    # Without the prefix a name such as "concat:a|b" would be an order to FFmpeg.
    return f"file:{path}"
