"""`import dfd_tf` is free, offers what it says, and each verb of `dfd` stands on its function."""

import argparse
import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import dfd_tf

HEAVY = ("numpy", "pandas", "pydantic", "keras", "tensorflow", "jax", "cv2", "PIL")
# What Python calls otherwise than the command line: --set is data here, --quiet is no progress.
# `Datasets` says how to read what can be read in several ways.
OTHERWISE = {"set": "settings", "quiet": "progress"} | dict.fromkeys(
    ("layout", "split_from", "group_by", "labels"), "data"
)
VERBS = ("train", "evaluate", "audit", "explain", "robustness", "calibrate", "export")


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_importing_it_costs_milliseconds_and_imports_nothing_else():
    code = (
        "import sys, time\n"
        "begun = time.process_time()\n"
        "import dfd_tf\n"
        "print(time.process_time() - begun)\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))\n"
        "print([name for name in sys.modules if name.startswith('dfd_tf.')])"
    )
    seconds, heavy, rooms = python(code).splitlines()
    assert float(seconds) < 0.05
    assert heavy == rooms == "[]"


def test_it_offers_what_it_says_and_nothing_else():
    assert dir(dfd_tf) == sorted(dfd_tf.__all__)
    for name in dfd_tf.__all__:
        assert getattr(dfd_tf, name), name
    with pytest.raises(AttributeError, match="no attribute 'evalute'"):
        dfd_tf.evalute  # noqa: B018


def test_functions_are_called_as_they_are_named():
    for name in set(dfd_tf.__all__) - {"DEFAULT_MODEL", "__version__"}:
        assert getattr(dfd_tf, name).__name__ == name


def test_no_room_bears_the_name_of_a_function():
    # Importing such a room would put it in the function's place.
    rooms = {path.stem for path in Path(dfd_tf.__file__).parent.iterdir()}
    assert not rooms & set(dfd_tf.__all__)


def test_type_checkers_see_the_same_homes():
    tree = ast.parse(Path(dfd_tf.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        name.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module != "typing"
        for name in node.names
    }
    assert seen == dfd_tf._HOMES


@pytest.mark.parametrize("verb", VERBS)
def test_what_a_verb_takes_its_function_takes(verb):
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module(f"dfd_tf.cli.{verb}").add_arguments(parser)
    options = {OTHERWISE.get(action.dest, action.dest) for action in parser._actions}
    parameters = set(inspect.signature(getattr(dfd_tf, verb)).parameters)
    assert options <= parameters
    assert parameters - options <= {"progress", "say"}


def test_python_m_dfd_tf_is_dfd():
    command = [sys.executable, "-m", "dfd_tf", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"dfd_tf {dfd_tf.__version__}\n"
