"""Programs and packages that engines stand on: whether they are there, and what they have said."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from dfd_tf.audio.reading import Samples, UnusableSound, read_sound

SECONDS = 120  # that a sentence may take


def program(name: str) -> str | None:
    """Path of a program: beside this Python, where pip puts its own, or wherever it is found."""
    beside = shutil.which(name, path=str(Path(sys.executable).parent))
    return beside or shutil.which(name)


def needs_programs(command: str, *names: str) -> Callable[[], str]:
    """An engine's `missing`: the command that installs the programs, "" where all are there."""
    return lambda: "" if all(program(name) for name in names) else command


def needs_packages(command: str, *names: str) -> Callable[[], str]:
    """An engine's `missing`: the command that installs packages of Python."""
    return lambda: "" if all(find_spec(name) for name in names) else command


def package_folder(name: str) -> Path:
    """Where the files of a package lie, which is not imported."""
    spec = find_spec(name)
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def spoken(command: Callable[[str], Sequence[str]], text: str = "") -> Samples:
    """What a program has written to a WAV file.

    Args:
        command: from the name of that file to program and arguments.
        text: that it reads on its standard input.

    Raises:
        UnusableSound: it failed, with the last thing it said; or what it wrote is no sound.
    """
    with tempfile.TemporaryDirectory() as folder:
        wav = str(Path(folder, "speech.wav"))
        arguments = list(command(wav))
        arguments[0] = program(arguments[0]) or arguments[0]
        try:
            subprocess.run(
                arguments, input=text.encode(), capture_output=True, check=True, timeout=SECONDS
            )
        except (OSError, subprocess.SubprocessError) as error:
            said = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
            why = said.splitlines()[-1] if said else str(error)
            raise UnusableSound(f"{Path(arguments[0]).name} failed: {why}") from None
        return read_sound(wav).samples
