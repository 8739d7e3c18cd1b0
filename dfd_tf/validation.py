"""What pydantic found wrong, in words that say how to go on."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError

_WORDS = {
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "finite_number": "expected a finite number",
    "string_type": "expected text",
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected at least {ge}",
    "less_than": "expected less than {lt}",
    "less_than_equal": "expected at most {le}",
    "string_pattern_mismatch": "expected text like {pattern}",
    "multiple_of": "expected a multiple of {multiple_of}",
}


def nearest(word: str, choices: Sequence[str]) -> str | None:
    """The choice that a misspelt word was most likely meant for, if one is near."""
    lowered = {choice.lower(): choice for choice in reversed(choices)}
    near = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.4)
    return lowered[near[0]] if near else None


def explain(error: ValidationError, known: Callable[[Sequence[str]], Sequence[str]]) -> list[str]:
    """A sentence for each problem: where it is, what was expected, what was found.

    Args:
        error: what pydantic raised.
        known: from the parts of a dotted place, which may be none, to the keys that there are.
    """
    return [_explain_one(dict(problem), known) for problem in error.errors()]


def _explain_one(problem: dict[str, Any], known: Callable[[Sequence[str]], Sequence[str]]) -> str:
    *sections, last = [str(part) for part in problem["loc"]] or [""]
    where = ".".join([*sections, last])
    if problem["type"] == "extra_forbidden":
        keys = list(known(sections))
        near = nearest(last, keys)
        meant = ".".join([*sections, near or ""])
        hint = f"did you mean {meant!r}?" if near else f"known: {', '.join(keys)}"
        return f"{where}: no such key; {hint}"
    if problem["type"] == "missing":
        return f"{where}: missing"
    if problem["type"] == "value_error":
        return f"{where}: {problem['ctx']['error']}"
    return f"{where}: {_expected(problem)}, got {problem['input']!r}"


def _expected(problem: dict[str, Any]) -> str:
    context = problem.get("ctx", {})
    if problem["type"] == "literal_error":
        expected = f"expected {context['expected']}"
        near = nearest(str(problem["input"]), re.findall(r"'([^']*)'", context["expected"]))
        return f"{expected} (did you mean {near!r}?)" if near else expected
    words = _WORDS.get(problem["type"])
    return words.format(**context) if words else str(problem["msg"])
