"""YAML that says what it seems to say: the numbers and truth values of version 1.2, no key twice.

PyYAML follows version 1.1, in which `yes` is true, `010` is eight, `1:30` is ninety and `1e-3` is
text; and of a key that is given twice it takes the last.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

_STARTS = list("-+.0123456789")
_RESOLVERS = (
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+", _STARTS),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        _STARTS,
    ),
)
_PADDED = "!padded"


def load(text: str, name: str = "this value") -> Any:
    """The value that a text stands for.

    Args:
        text: YAML.
        name: it is called in an error.

    Raises:
        yaml.YAMLError: it is no YAML, has a key twice in one place, or a number that begins
            with 0.
    """
    loader = _Loader(text)
    loader.name = name
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def dump(value: Any) -> str:
    """Text that `load` reads as the same value, keys in their order."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False)


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # PyYAML's way to have none


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # what is quoted to stay text


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _refused("a key is one word", key)
        if key.value in seen:
            raise _refused(f"the key {key.value!r} is given twice; keep one of the two", key)
        seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


def _whole_number(loader: _Loader, node: yaml.ScalarNode) -> int:
    return int(node.value, 0)


def _padded(loader: _Loader, node: yaml.ScalarNode) -> Any:
    number = node.value.lstrip("+-0") or "0"
    raise _refused(
        f"{node.value} begins with 0: write {number} for the number, or '{node.value}' for text",
        node,
    )


def _refused(problem: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


for _kind in (_Loader, _Dumper):
    # Matched first: what is left begins with no needless 0.
    _kind.add_implicit_resolver(_PADDED, re.compile(r"[-+]?0[0-9]+(?:\.[0-9]*)?$"), _STARTS)
    for _tag, _pattern, _first in _RESOLVERS:
        _kind.add_implicit_resolver(
            f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), _first
        )
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)
_Loader.add_constructor(_PADDED, _padded)
