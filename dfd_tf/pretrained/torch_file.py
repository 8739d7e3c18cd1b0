"""PyTorch's weight files read with NumPy alone, and without running what they hold.

Since version 1.6 such a file is a zip archive: the table of tensors as a pickle, and each storage
of numbers as a file of its own. Before, it was a row of pickles (magic number, version, byte order,
the table, the keys of the storages) and after them the numbers, storage by storage. A pickle is a
program. This reader lets it name a few things, each of which only notes down what was asked for;
the numbers are read from the file by the reader itself, within the bounds that its length sets.
"""

from __future__ import annotations

import io
import math
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfd_tf.errors import UserError

MAGIC = 0x1950A86A20F9469CFC6C
VERSION = 1001
LARGEST_FILE = 256 * 2**20  # bytes; the pretrained networks here have 14 and 19 million

_DTYPES = {
    "HalfStorage": "<f2",
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
}


class _Storage(NamedTuple):
    key: str
    dtype: str
    length: int


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]  # in numbers, not bytes


def read_torch_file(path: Path) -> dict[str, NDArray[Any]]:
    """Read a file that PyTorch wrote from a dictionary of tensors, by any of its versions.

    Returns:
        Arrays by name, in the file's order.

    Raises:
        UserError: the file is too large, is of another kind, is damaged, or asks for anything
            but tensors.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise UserError(f"{path} is larger than {LARGEST_FILE:,} bytes; it is not read.")
    file = io.BytesIO(path.read_bytes())
    read = _read_archive if zipfile.is_zipfile(file) else _read_row
    file.seek(0)
    try:
        return read(file)
    # A broken pickle may fail in any way that Python knows.
    except Exception as error:
        raise UserError(f"{path} is not a table of tensors as PyTorch writes it: {error}") from None


def _read_archive(file: io.BytesIO) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(file) as archive:
        # Stored only: a compressed entry could grow beyond any bound.
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
            raise ValueError("it is compressed")
        root = archive.infolist()[0].filename.partition("/")[0]
        # Before version 2.1 the order was not written down, and was that of nearly all machines.
        named = f"{root}/byteorder" in archive.namelist()
        if named and archive.read(f"{root}/byteorder") != b"little":
            raise ValueError("its numbers are big-endian")
        tensors = _checked_table(_Reader(io.BytesIO(archive.read(f"{root}/data.pkl"))).load())
        numbers = {
            storage.key: _numbers(storage, io.BytesIO(archive.read(f"{root}/data/{storage.key}")))
            for storage in {tensor.storage for tensor in tensors.values()}
        }
    return {name: _cut(tensor, numbers) for name, tensor in tensors.items()}


def _read_row(file: io.BytesIO) -> dict[str, NDArray[Any]]:
    tensors = _read_table(file)
    numbers = _read_numbers(file, {tensor.storage for tensor in tensors.values()})
    return {name: _cut(tensor, numbers) for name, tensor in tensors.items()}


def _read_table(file: io.BytesIO) -> dict[str, _Tensor]:
    if _Reader(file).load() != MAGIC or _Reader(file).load() != VERSION:
        raise ValueError("it begins differently")
    if not _Reader(file).load()["little_endian"]:
        raise ValueError("its numbers are big-endian")
    return _checked_table(_Reader(file).load())


def _checked_table(table: Any) -> dict[str, _Tensor]:
    if not isinstance(table, dict) or not all(isinstance(v, _Tensor) for v in table.values()):
        raise ValueError("it holds something other than tensors")
    return dict(table)


def _read_numbers(file: io.BytesIO, storages: set[_Storage]) -> dict[str, NDArray[Any]]:
    """Numbers of each storage by key; each is preceded by how many they are."""
    by_key = {storage.key: storage for storage in storages}
    numbers = {}
    for key in _Reader(file).load():
        storage = by_key[key]
        if int.from_bytes(file.read(8), "little") != storage.length:
            raise ValueError(f"storage {key} has another length than its tensors say")
        numbers[key] = _numbers(storage, file)
    return numbers


def _numbers(storage: _Storage, file: io.BytesIO) -> NDArray[Any]:
    n_bytes = storage.length * np.dtype(storage.dtype).itemsize
    return np.frombuffer(file.read(n_bytes), storage.dtype, storage.length)


def _cut(tensor: _Tensor, numbers: dict[str, NDArray[Any]]) -> NDArray[Any]:
    part = numbers[tensor.storage.key][tensor.offset :]
    strides = tuple(step * part.itemsize for step in tensor.strides)
    # `_note_tensor` has seen to it that no place lies outside the storage.
    return np.array(np.lib.stride_tricks.as_strided(part, tensor.shape, strides))


class _Reader(pickle.Unpickler):
    """An unpickler that knows tensors and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Stand-ins for the few names a table of tensors needs."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _note_tensor
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise ValueError(f"it asks for {module}.{name}, which no tensor needs")

    def persistent_load(self, saved_id: Any) -> _Storage:
        """Note a storage, whose numbers come later in the file."""
        kind, dtype, key, _device, length, *view = saved_id
        # Before 1.6 a view of another storage could stand at the end.
        if kind != "storage" or dtype not in _DTYPES.values() or view not in ([], [None]):
            raise ValueError(f"unknown storage {saved_id!r}")
        return _Storage(_checked(key, str), dtype, _natural(length))


def _note_tensor(
    storage: Any, offset: Any, shape: Any, strides: Any, *_gradient_and_hooks: Any
) -> _Tensor:
    """Note a tensor whose every place lies inside its storage and, by number, fits into it."""
    storage, offset = _checked(storage, _Storage), _natural(offset)
    shape, strides = tuple(map(_natural, shape)), tuple(map(_natural, strides))
    last = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
    if 0 in shape or last >= storage.length or math.prod(shape) > storage.length:
        raise ValueError(f"tensor of shape {shape} reaches beyond its storage")
    return _Tensor(storage, offset, shape, strides)


def _natural(number: Any) -> int:
    if not isinstance(number, int) or number < 0:
        raise ValueError(f"{number!r} is no size")
    return number


def _checked(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return value
