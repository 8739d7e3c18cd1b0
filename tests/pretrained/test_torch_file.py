import io
import pickle
import struct
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

from dfd_tf.errors import UserError
from dfd_tf.pretrained.torch_file import MAGIC, VERSION, read_torch_file


class Named:
    """Pickled as a mere name, as of a class of PyTorch."""

    def __init__(self, module, name, *arguments):
        self.name = f"c{module}\n{name}\n".encode()
        self.arguments = arguments


class Writer:
    """Writes the format by hand, opcode by opcode, so that it can be wrong where a test wants."""

    def __init__(self):
        self.out = io.BytesIO()

    def put(self, value):
        if isinstance(value, Named):
            self.out.write(value.name)
            if value.arguments:
                self.put(value.arguments)
                self.out.write(b"R")
        elif isinstance(value, Saved):
            self.put(value.identity)
            self.out.write(b"Q")
        elif isinstance(value, tuple):
            self.out.write(b"(")
            for item in value:
                self.put(item)
            self.out.write(b"t")
        elif isinstance(value, dict):
            self.out.write(b"}")
            for key, item in value.items():
                self.put(key)
                self.put(item)
                self.out.write(b"s")
        else:
            self.out.write(pickle.dumps(value, protocol=2)[2:-1])  # without frame

    def pickled(self, value):
        self.out.write(b"\x80\x02")
        self.put(value)
        self.out.write(b".")


class Saved:
    def __init__(self, *identity):
        self.identity = identity


def tensor(key, length, shape, strides, offset=0, kind="FloatStorage"):
    storage = Saved("storage", Named("torch", kind), key, "cpu", length, None)
    hooks = OrderedDict()
    return Named(
        "torch._utils", "_rebuild_tensor_v2", storage, offset, shape, strides, False, hooks
    )


def write(path, table, numbers, magic=MAGIC):
    writer = Writer()
    for value in (magic, VERSION, {"little_endian": True}, table, list(numbers)):
        writer.pickled(value)
    for array in numbers.values():
        writer.out.write(struct.pack("<q", array.size) + array.tobytes())
    path.write_bytes(writer.out.getvalue())
    return path


def write_archive(path, table, numbers, order=b"little", compression=zipfile.ZIP_STORED):
    """As PyTorch has written since version 1.6."""
    writer = Writer()
    writer.pickled(table)
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("w/data.pkl", writer.out.getvalue())
        archive.writestr("w/byteorder", order)
        for key, array in numbers.items():
            archive.writestr(f"w/data/{key}", array.tobytes())
    return path


SIX = np.arange(6, dtype="<f4")


def test_tensors_come_back_in_shape_also_out_of_a_permuted_storage(tmp_path):
    table = {
        "plain": tensor("a", 6, (2, 3), (3, 1)),
        "turned": tensor("a", 6, (3, 2), (1, 3)),
        "part": tensor("a", 6, (2,), (1,), offset=4),
        "count": tensor("b", 1, (), (), kind="LongStorage"),
    }
    path = write(tmp_path / "w.pth", table, {"a": SIX, "b": np.array([7], "<i8")})
    read = read_torch_file(path)
    np.testing.assert_array_equal(read["plain"], SIX.reshape(2, 3))
    np.testing.assert_array_equal(read["turned"], SIX.reshape(2, 3).T)
    np.testing.assert_array_equal(read["part"], [4, 5])
    assert read["count"] == 7
    assert [array.dtype for array in read.values()] == ["f4", "f4", "f4", "i8"]


def test_archives_of_newer_versions_read_the_same(tmp_path):
    table = {
        "turned": tensor("0", 6, (3, 2), (1, 3)),
        "half": tensor("1", 6, (6,), (1,), kind="HalfStorage"),
    }
    path = write_archive(tmp_path / "w.pth", table, {"0": SIX, "1": SIX.astype("<f2")})
    read = read_torch_file(path)
    np.testing.assert_array_equal(read["turned"], SIX.reshape(2, 3).T)
    np.testing.assert_array_equal(read["half"], SIX)
    assert read["half"].dtype == np.float16


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ({"order": b"big"}, "big-endian"),
        ({"compression": zipfile.ZIP_DEFLATED}, "compressed"),
        ({"numbers": {"a": SIX[:5]}}, "not a table of tensors"),
        ({"numbers": {}}, "not a table of tensors"),
        ({"table": {"x": Named("os", "system", "touch DONE")}}, "asks for os.system"),
    ],
)
def test_archives_that_are_wrong_are_errors_in_words(tmp_path, options, answer):
    whole = {"table": {"x": tensor("a", 6, (6,), (1,))}, "numbers": {"a": SIX}}
    path = write_archive(tmp_path / "w.pth", **whole | options)
    with pytest.raises(UserError, match=answer):
        read_torch_file(path)


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (Named("os", "system", "touch DONE"), "asks for os.system"),
        (Named("builtins", "eval", "open('DONE', 'w')"), "asks for builtins.eval"),
        (Named("numpy", "dtype", "f4"), "asks for numpy.dtype"),
        (Named("torch", "load", "DONE"), "asks for torch.load"),
        (Named("collections", "OrderedDict.fromkeys", [1]), "asks for"),
        (tensor("a", 6, (2, 4), (3, 1)), "beyond its storage"),
        (tensor("a", 6, (2, 3), (3, 1), offset=1), "beyond its storage"),
        (tensor("a", 6, (1000, 1000), (0, 0)), "beyond its storage"),
        (tensor("a", 6, (2, 3), (-3, 1)), "-3 is no size"),
        (tensor("a", 10**15, (6,), (1,)), "another length"),
        ("a word", "other than tensors"),
    ],
)
def test_whatever_is_no_tensor_is_refused_and_not_run(tmp_path, monkeypatch, value, answer):
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "w.pth", {"x": value}, {"a": SIX})
    with pytest.raises(UserError, match=answer):
        read_torch_file(path)
    assert [file.name for file in tmp_path.iterdir()] == ["w.pth"]


def test_damaged_and_foreign_files_are_errors_in_words(tmp_path):
    path = write(tmp_path / "w.pth", {"x": tensor("a", 6, (6,), (1,))}, {"a": SIX})
    whole = path.read_bytes()
    for content in (b"", b"PK\x03\x04", whole[:40], whole[:-1]):
        path.write_bytes(content)
        with pytest.raises(UserError, match="not a table of tensors"):
            read_torch_file(path)
    with pytest.raises(UserError, match="begins differently"):
        read_torch_file(write(path, {}, {}, magic=1))
