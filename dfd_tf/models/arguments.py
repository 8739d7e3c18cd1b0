"""What the arguments of detectors may be, and their check against a builder's signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_type_hints

from pydantic import ConfigDict, Field, ValidationError, create_model
from pydantic_core import to_json

from dfd_tf.errors import UserError
from dfd_tf.validation import explain

Size = Annotated[int, Field(gt=0)]  # of something counted: pixels, filters, units, blocks
BlockSize = Annotated[int, Field(gt=0, multiple_of=8)]  # pixels in whole JPEG blocks
Share = Annotated[float, Field(ge=0, lt=1)]
Amount = Annotated[float, Field(ge=0)]


def checked(
    build: Callable[..., Any], arguments: Mapping[str, Any], what: str = "model.args"
) -> dict[str, Any]:
    """The arguments that a builder is to be called with, its defaults included.

    Args:
        build: function whose keyword arguments have types, perhaps `Literal` or annotated with
            pydantic's ranges; an argument without a type takes anything.
        arguments: as a configuration has them.
        what: they are called in an error.

    Raises:
        UserError: an argument that the builder does not take (the nearest is suggested), one of a
            wrong kind or beyond its range, no choice of its choices, or a missing one.
    """
    hints = get_type_hints(build, include_extras=True)
    parameters = inspect.signature(build).parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    fields: dict[str, Any] = {
        p.name: (hints.get(p.name, Any), ... if p.default is p.empty else p.default) for p in named
    }
    kind = create_model(
        "Arguments",
        __config__=ConfigDict(extra="allow" if takes_any else "forbid", allow_inf_nan=False),
        **fields,
    )
    try:
        # As JSON, so that a list is taken for a tuple and yet no text for a number.
        found = kind.model_validate_json(to_json(arguments, fallback=repr), strict=True)
    except ValidationError as error:
        problems = "\n".join(f"  {what}.{each}" for each in explain(error, lambda _: list(fields)))
        raise UserError(f"The detector cannot be built with these arguments:\n{problems}") from None
    return {name: getattr(found, name) for name in (*fields, *(found.model_extra or {}))}
