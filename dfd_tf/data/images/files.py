"""The bytes of a file, or a reason why not."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from dfd_tf.data.images.limits import UnusableImage, refuse_bytes


def read_bytes(path: str | Path) -> bytes:
    """Read a file of at most ``MAX_BYTES`` bytes.

    Raises:
        UnusableImage: no such file, not a regular file, unreadable or too large.
    """
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise UnusableImage("is a folder, not a file")
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise UnusableImage("is not a regular file")
        refuse_bytes(status.st_size)
        # Room for what it says it holds: to ask for more costs more than reading does.
        with open(path, "rb", buffering=0) as file:
            return file.read(status.st_size + 1)
    except FileNotFoundError:
        raise UnusableImage("no such file") from None
    except OSError as error:
        raise UnusableImage(f"cannot be read ({error.strerror})") from None
    except MemoryError:
        raise UnusableImage("not enough memory to read it") from None
    except ValueError as error:
        if isinstance(error, UnusableImage):
            raise
        raise UnusableImage("not a file name") from None
