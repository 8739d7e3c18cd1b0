"""The engine that runs networks in a browser: LiteRT.js (Google, Apache-2.0), fetched once by npm.

    python -m dfd_tf.serve.page.engine                      # needs npm, which fetches two packages
    python -m dfd_tf.serve.page.engine core.tgz utils.tgz   # or both, fetched elsewhere

It is kept in the user's cache, 19 MB, of which a browser loads one half. Its packages are known by
their hashes, and nothing of them is run here.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dfd_tf.data.user_cache import user_cache
from dfd_tf.errors import UserError

HOW_TO_FETCH = "python -m dfd_tf.serve.page.engine"


@dataclass(frozen=True)
class Package:
    """A published package, and what is wanted of it.

    Attributes:
        name: with its version, as npm takes it.
        sha256: of the archive that npm packs.
        files: what is kept of it, by its name in the archive: under which name.
    """

    name: str
    sha256: str
    files: Mapping[str, str]


_BUILDS = tuple(
    f"litert_wasm{kind}_internal.{ending}" for kind in ("", "_compat") for ending in ("js", "wasm")
)
CORE = Package(
    "@litertjs/core@2.5.3",
    "a97660833e9e7e1063c95e12016718881240b14f7438728a2f62785e912d30fd",
    {"dist/index.js": "litert.js", **{f"wasm/{name}": name for name in _BUILDS}},
)
LOADER = Package(
    "@litertjs/wasm-utils@2.5.3",
    "ce2a1f8379c067be49e59752e5a7f40db6be09f6e497f0f11e59f17b515366a7",
    {"dist/bundle.js": "wasm_utils.js"},
)
PACKAGES = (CORE, LOADER)
FILES = tuple(name for package in PACKAGES for name in package.files.values())
# Browsers know no packages: the core names its loader by its address.
_NAMED, _ADDRESS = b'"@litertjs/wasm-utils"', b'"./wasm_utils.js"'


def find_engine() -> Path | None:
    """The folder with the engine's files; None where they have not been fetched."""
    folder = _folder()
    return folder if all((folder / name).is_file() for name in FILES) else None


def fetch_engine(archives: Sequence[Path] = ()) -> Path:
    """Put the engine into the user's cache.

    Args:
        archives: the packages, where they were fetched by other means.

    Returns:
        The folder with its files.

    Raises:
        UserError: see `fetch`.
    """
    fetch(PACKAGES, _folder(), archives)
    core = _folder() / CORE.files["dist/index.js"]
    core.write_bytes(core.read_bytes().replace(_NAMED, _ADDRESS))
    return _folder()


def fetch(packages: Sequence[Package], into: Path, archives: Sequence[Path] = ()) -> None:
    """Unpack what is wanted of some packages, after their hashes were verified.

    Args:
        packages: to be fetched.
        into: folder, made if absent.
        archives: the packages' files; without them npm is asked.

    Raises:
        UserError: npm is absent or fails, or an archive is missing or not the published one.
    """
    with tempfile.TemporaryDirectory() as place:
        known = {_sha256(path): path for path in archives or _pack(packages, Path(place))}
        missing = [package.name for package in packages if package.sha256 not in known]
        if missing:
            raise UserError(
                f"among {len(known)} archives there is none with the hash of {missing[0]}. "
                "Fetch the published one, of this very version."
            )
        into.mkdir(parents=True, exist_ok=True)
        for package in packages:
            _unpack(known[package.sha256], package.files, into)


def _pack(packages: Sequence[Package], into: Path) -> list[Path]:
    names = [package.name for package in packages]
    command = [
        "npm",
        "pack",
        "--silent",
        "--ignore-scripts",
        "--pack-destination",
        str(into),
        *names,
    ]
    by_hand = f"Fetch {' and '.join(names)} elsewhere and name the files: {HOW_TO_FETCH} FILE ..."
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=into)
    except FileNotFoundError:
        raise UserError(f"npm is not installed. Install it (with Node.js). Or: {by_hand}") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise UserError(f"npm failed: {said[-1]}. {by_hand}")
    return sorted(into.glob("*.tgz"))


def _unpack(archive: Path, files: Mapping[str, str], into: Path) -> None:
    with tarfile.open(archive) as packed:
        for inside, name in files.items():
            member = packed.extractfile(f"package/{inside}")
            assert member is not None
            (into / name).write_bytes(member.read())


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from None


def _folder() -> Path:
    return user_cache() / "page-engine" / CORE.name.rpartition("@")[2]


def main() -> None:
    """Fetch the engine and print its folder."""
    parser = argparse.ArgumentParser(
        prog=HOW_TO_FETCH,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("archives", nargs="*", type=Path, help="packages that npm packed elsewhere")
    try:
        print(fetch_engine(parser.parse_args().archives))
    except UserError as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
