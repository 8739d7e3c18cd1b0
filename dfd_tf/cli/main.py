"""`dfd VERB`: find the verb, run it, turn errors into words and exit codes."""

from __future__ import annotations

import argparse
import difflib
import importlib
import io
import os
import shutil
import sys
from collections.abc import Sequence

import dfd_tf
from dfd_tf.cli.options import with_datasets
from dfd_tf.cli.telling import told_on_stderr
from dfd_tf.data.user_cache import is_writable
from dfd_tf.errors import UserError

DONE, FINDING, WRONG_USAGE = 0, 1, 2
WRITES_A_FILE = ("predict", "audio")  # all other verbs' --out is a folder
LEAST_FREE_BYTES = 1_000_000
INTERRUPTED = 130

VERBS = {
    "train": "train a detector, calibrate it, measure it, write a report",
    "ensemble": "make one detector of several",
    "calibrate": "fit a detector's scores and thresholds to other photos",
    "evaluate": "measure a detector on a dataset",
    "compare": "compare two detectors on the same images",
    "predict": "judge images: real, fake or inconclusive",
    "video": "judge videos: who, when, how sure",
    "audio": "judge speech: real, fake or inconclusive (experimental)",
    "serve": "judge photos over HTTP: an API and a page",
    "bulk": "judge any number of photos, on many machines: Apache Beam",
    "export": "write a detector as SavedModel or LiteRT file, with proof of parity",
    "explain": "show where a detector looked, and check what the maps are worth",
    "robustness": "measure how a detector survives degraded images",
    "study": "train or measure many detectors side by side: one table",
    "audit": "look for leaks and shortcuts in a dataset",
    "prepare": "write a dataset anew: as TFRecord, or harmonised",
    "fetch": "bring the published weights that a detector needs",
    "models": "list the detectors that ship and the architectures to train",
    "doctor": "show what this machine has and what would be used",
}

# What was called otherwise before.
_FORMER = {
    "table": "study architectures",
    "oneclass": "study one-class",
    "baselines": "study baselines",
    "combine": "ensemble",
}

# What is installed only on demand, and the extra that brings it.
_EXTRAS = {
    "tensorflow": "cpu",
    "keras": "cpu",
    "onnx": "cpu",
    "jax": "jax",
    "tensorflow_datasets": "tfds",
    "tf_keras_vis": "explain",
    "ai_edge_litert": "lite",
    "apache_beam": "beam",
    "av": "video",
    "fastapi": "serve",
    "limits": "serve",
    "prometheus_client": "serve",
    "uvicorn": "serve",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code.

    0 done; 1 part of the input could not be used, or a finding that the verb exists to report;
    2 wrong usage or configuration.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    verb = next((word for word in arguments if not word.startswith("-")), None)
    _settle_surroundings()
    try:
        _check_verb(verb)
        parsed = with_datasets(_parser(verb).parse_args(arguments))
        _check_out(parsed)
        with told_on_stderr(quiet=parsed.quiet):
            return int(_module(parsed.verb).run(parsed))
    except UserError as error:
        print(f"dfd: {error}", file=sys.stderr)
        return WRONG_USAGE
    except ModuleNotFoundError as error:
        return _explain_missing(error)
    except KeyboardInterrupt:
        print("dfd: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    # A trace would exit with 1, the code of a finding, and tell a user nothing.
    except Exception as error:
        if "--debug" in arguments:
            raise
        print(f"dfd: {_in_words(error)} (--debug shows where)", file=sys.stderr)
        return WRONG_USAGE


def _check_out(parsed: argparse.Namespace) -> None:
    """Refuse, before any work is done, a place where results could not be written.

    Raises:
        UserError: the folder cannot be made or written in, or its disk is full.
    """
    out = getattr(parsed, "out", None)
    if out is None:
        return
    folder = out.parent if parsed.verb in WRITES_A_FILE else out
    if not is_writable(folder):
        kind = "is a file" if folder.is_file() else "cannot be written in"
        raise UserError(f"--out {out}: {folder} {kind}. Name another folder.")
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free
    if free < LEAST_FREE_BYTES:
        raise UserError(f"--out {out}: only {free / 1e6:.1f} MB are free there. Make room.")


def _settle_surroundings() -> None:
    """Be independent of what a terminal or a notebook has set."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # one that is not UTF-8 gets escapes
            stream.reconfigure(errors="backslashreplace")
    os.environ["MPLBACKEND"] = "agg"


def _in_words(error: Exception) -> str:
    if isinstance(error, OSError):
        places = ", ".join(str(name) for name in (error.filename, error.filename2) if name)
        return f"{error.strerror or error}{': ' if places else ''}{places}"
    if isinstance(error, MemoryError):
        return "not enough memory; close other programs, or give fewer or smaller images"
    if isinstance(error, UnicodeError):
        return f"text that cannot be read or written: {error}"
    return f"a fault of this program, please report it: {type(error).__name__}: {error}"


def _check_verb(verb: str | None) -> None:
    if verb is None or verb in VERBS:
        return
    if verb in _FORMER:
        raise UserError(f"`dfd {verb}` is now `dfd {_FORMER[verb]}`.")
    near = difflib.get_close_matches(verb, VERBS, n=1, cutoff=0.4)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UserError(f"there is no verb {verb!r}.{hint} There are: {', '.join(VERBS)}.")


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dfd",
        description="Tell whether a face image is real or fake.",
        epilog="`dfd VERB --help` explains a verb with an example.",
    )
    parser.add_argument("--version", action="version", version=f"dfd_tf {dfd_tf.__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, purpose in VERBS.items():
        verb = verbs.add_parser(
            name, help=purpose, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if name == chosen:
            module = _module(name)
            verb.description = module.__doc__
            module.add_arguments(verb)
            verb.add_argument("--quiet", action="store_true", help="no progress, only results")
            verb.add_argument("--debug", action="store_true", help="show the trace of an error")
    return parser


def _module(verb: str):  # type: ignore[no-untyped-def]  # a module with add_arguments and run
    return importlib.import_module(f"dfd_tf.cli.{verb}")


def _explain_missing(error: ModuleNotFoundError) -> int:
    extra = _EXTRAS.get(error.name or "")
    if extra is None:
        raise error
    print(
        f'dfd: this needs {error.name}, which is not installed: pip install "dfd-tf[{extra}]"'
        + (' (or "dfd-tf[gpu]").' if extra == "cpu" else "."),
        file=sys.stderr,
    )
    return WRONG_USAGE
