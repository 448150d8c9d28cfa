"""Validate data from clients. Errors report the field, the value found and the value expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from pressrun.errors import RequestError
from pressrun.kinds.problems import Problem, quote

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_REPORTED = 100
"""Most problems that one error reports."""
COLOUR_PATTERN = "^#[0-9a-fA-F]{6}$"
NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$"
MISMATCH = "mismatch"
"""Type of an error about fields that contradict each other. Its context holds `found` and `expected`."""

_PATTERNS = {
    COLOUR_PATTERN: "a colour, e.g. #1F4BD8: red, green, blue",
    NAME_PATTERN: "a name of letters, digits, - and _",
}
_TYPES = {
    "missing": "a value",
    "string_type": "text",
    "string_unicode": "valid Unicode text, without lone surrogates",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


class StrictModel(BaseModel):
    """A model with exactly the declared fields and types, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], data: Any, tagged: str = "", tags: Sequence[str] = ()) -> Model:
    """Return `data`, parsed from JSON, as a model. Raises `RequestError` with every invalid field.

    `tagged` and `tags` are explained in `find_problems`.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = find_problems(error, field_names(model.model_json_schema()), tagged, tags)
        omitted = error.error_count() - len(found)
        raise RequestError(
            "; ".join(map(str, found)) + (f"; and {omitted} more" if omitted > 0 else ""),
            remedy="Correct the fields listed here and send the request again.",
            problems=tuple((each.column, each.found, each.expected) for each in found),
        ) from None


def find_problems(
    error: ValidationError, known: Iterable[str], tagged: str = "", tags: Sequence[str] = ()
) -> tuple[Problem, ...]:
    """Return the first problems of an error, each with the path of its field, e.g. `output.format`.

    `known` are the names of all fields, for suggestions. `tagged` is a field with several forms, whose `type` is one of
    `tags`. Pydantic puts the tag into the path; this function removes it.
    """
    return to_problems(error.errors(include_url=False)[:MAX_REPORTED], known, tagged, tags)


def to_problems(
    errors: Iterable[ErrorDetails], known: Iterable[str] = (), tagged: str = "", tags: Sequence[str] = ()
) -> tuple[Problem, ...]:
    """Return the problem of each of pydantic's error details. The arguments are those of `find_problems`."""
    names = tuple(known)
    return tuple(Problem(_path(each["loc"], tagged), _found(each), _expected(each, names, tags)) for each in errors)


def field_names(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of all fields of a JSON schema and its definitions."""
    parts = [schema, *schema.get("$defs", {}).values()]
    return tuple(dict.fromkeys(name for part in parts for name in part.get("properties", {})))


def reject_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, as the `object_pairs_hook` of `json`. Raises `ValueError` for a duplicate key."""
    table = dict(pairs)
    if len(table) < len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"duplicate key {quote(name)}")
    return table


def _path(location: tuple[int | str, ...], tagged: str) -> str:
    path = ""
    for part in location[:1] + location[2:] if location[:1] == (tagged,) else location:
        path += f"[{part}]" if isinstance(part, int) else f".{quote(part)[1:-1]}"
    return path.lstrip(".") or "top level"


def _found(error: ErrorDetails) -> str:
    if error["type"] == MISMATCH:
        return str(error["ctx"]["found"])
    if error["type"] in ("missing", "union_tag_not_found"):
        return "nothing"
    if error["type"] == "extra_forbidden":
        return "an unknown field"
    value = error["input"]
    if error["type"] == "union_tag_invalid" and isinstance(value, Mapping):
        return f"the type {quote(value.get('type'))}"
    return quote(value)


def _expected(error: ErrorDetails, names: tuple[str, ...], tags: Sequence[str]) -> str:
    kind, details = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        near = get_close_matches(str(error["loc"][-1])[:80], names, n=1)
        return f"a known field, e.g. {near[0]}" if near else "only known fields"
    if kind in _TYPES:
        return _TYPES[kind]
    if kind == "value_error":
        return str(details["error"])
    if kind == MISMATCH:
        return str(details["expected"])
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return f"the type {', '.join(tags[:-1])} or {tags[-1]}" if tags else "a known type"
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(str(details.get("pattern")), f"text of the form {details.get('pattern')}")
    if kind in ("string_too_short", "string_too_long", "too_long", "too_short"):
        least, most = details.get("min_length"), details.get("max_length")
        unit = "characters" if "string" in kind else "entries"
        if least == 1:
            return "text that is not empty"
        return f"at least {least} {unit}" if least is not None else f"at most {most} {unit}"
    for limit, word in (("ge", "at least"), ("le", "at most")):
        if limit in details:
            return f"a number of {word} {details[limit]:.15g}"
    message = error["msg"].replace("Input should be ", "").replace("'", "")
    return message[0].lower() + message[1:]
