"""Data checked by its declaration, and what is wrong with it in sentences: where, what was found, what is expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from pressrun.kinds.problems import Problem, shown

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails


MOST_TOLD = 100
"""Problems of one piece of data that are told, the first ones."""


class Part(BaseModel):
    """Nothing but what is declared, of exactly the type that is declared, never changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def problems_of(error: ValidationError, known: Iterable[str], tagged: str = "") -> tuple[Problem, ...]:
    """Each with the path of the field, as `output.format`. `known` are the names of all fields, to suggest one.

    `tagged` is a field of one of several forms, whose form pydantic puts into the path.
    """
    return problems_in(error.errors(include_url=False)[:MOST_TOLD], known, tagged)


def problems_in(errors: Iterable[ErrorDetails], known: Iterable[str] = (), tagged: str = "") -> tuple[Problem, ...]:
    """The same of errors that stand alone."""
    names = tuple(known)
    return tuple(Problem(_path(each["loc"], tagged), _found(each), _expected(each, names)) for each in errors)


def field_names(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Of a JSON schema and all it refers to."""
    parts = [schema, *schema.get("$defs", {}).values()]
    return tuple(dict.fromkeys(name for part in parts for name in part.get("properties", {})))


def without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For `object_pairs_hook` of `json`: raises `ValueError` for a name that stands twice in one object."""
    table = dict(pairs)
    if len(table) < len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"{shown(name)} stands in it twice")
    return table


_KINDS = {
    "missing": "a value",
    "string_type": "text",
    "string_unicode": "text in Unicode, without halves of surrogate pairs",
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


COLOUR_PATTERN = "^#[0-9a-fA-F]{6}$"
NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$"
_PATTERNS = {
    COLOUR_PATTERN: "a colour as #1F4BD8: red, green, blue",
    NAME_PATTERN: "a name of letters, digits, - and _",
}
MISMATCH = "mismatch"
"""Kind of an error of fields that do not go together; its context says what was `found` and what is `expected`."""


def _path(location: tuple[int | str, ...], tagged: str) -> str:
    path = ""
    for part in location[:1] + location[2:] if location[:1] == (tagged,) else location:
        path += f"[{part}]" if isinstance(part, int) else f".{shown(part)[1:-1]}"
    return path.lstrip(".") or "the whole"


def _found(error: ErrorDetails) -> str:
    if error["type"] == MISMATCH:
        return str(error["ctx"]["found"])
    if error["type"] in ("missing", "union_tag_not_found"):
        return "nothing"
    if error["type"] == "extra_forbidden":
        return "a field that there is not"
    value = error["input"]
    if error["type"] == "union_tag_invalid" and isinstance(value, Mapping):
        return f"the type {shown(value.get('type'))}"
    return shown(value)


def _expected(error: ErrorDetails, names: tuple[str, ...]) -> str:
    kind, details = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        near = get_close_matches(str(error["loc"][-1])[:80], names, n=1)
        return f"{near[0]}, if that is meant" if near else "none of that name"
    if kind in _KINDS:
        return _KINDS[kind]
    if kind == "value_error":
        return str(details["error"])
    if kind == MISMATCH:
        return str(details["expected"])
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return "the type sheet, csv or rows"
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
