"""What a program says of a bulk job, as the body that the REST API takes: one way of checking, whatever the door."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pressrun.errors import RowsError, SettingsError, UsageError
from pressrun.settings import load_settings

_WAYS = ("rows", "csv_text", "csv_file", "sheet_id")
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}
AUTO = "auto"
NO_MODEL = "none"


def input_source(given: Mapping[str, Any], reading: Mapping[str, Any]) -> dict[str, Any]:
    """`input_source` of the request: the one of `rows`, `csv_text`, `csv_file` and `sheet_id` that is given.

    Raises `UsageError` for none or several of them, and `RowsError` for a file that cannot be read.
    """
    ways = [name for name in _WAYS if given.get(name) is not None]
    if len(ways) != 1:
        found = " and ".join(ways) or "none of them"
        raise UsageError(
            f"A bulk job takes one of rows, csv_text, csv_file and sheet_id; found {found}",
            remedy="Give the rows in one way, as rows=[{'idea_title': …, 'script_content': …}].",
        )
    value = given[ways[0]]
    match ways[0]:
        case "rows":
            source: dict[str, Any] = {"type": "rows", "rows": _plain_rows(value)}
        case "csv_text":
            source = {"type": "csv", "content": value}
        case "csv_file":
            source = {"type": "csv", "content": read_text(Path(value))}
        case _:
            source = {"type": "sheet", "sheet_id": value, "range": given["range"]}
    return source | {name: value for name, value in reading.items() if value is not None}


def request_body(body: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The request: `body` and the fields of `more`, of which `output_bucket` and `template_id` may stand flat.

    Raises `UsageError` for one that is given both ways.
    """
    whole = {**body, **{name: value for name, value in more.items() if value is not None}}
    for flat, place in (("output_bucket", "output"), ("template_id", "template")):
        if flat in whole:
            inside = dict(whole.get(place) or {})
            if flat in inside:
                raise UsageError(f"{flat} stands in {place}, too", remedy="Give it once.")
            whole[place] = inside | {flat: whole.pop(flat)}
    return whole


def _plain_rows(rows: Any) -> list[Any]:
    if isinstance(rows, str | bytes | Mapping) or not hasattr(rows, "__iter__"):
        raise UsageError(
            f"rows: found {type(rows).__name__}; it must be a list of rows",
            remedy="Put each row, a dict or a list of cells, into a list; text of a CSV goes into csv_text.",
        )
    return [dict(each) if isinstance(each, Mapping) else _cells(each) for each in rows]


def _cells(row: Any) -> Any:
    return list(row) if isinstance(row, Sequence) and not isinstance(row, str | bytes) else row


def read_text(path: Path) -> str:
    """The text of a CSV file in UTF-8, or in UTF-16 with its mark. Raises `RowsError`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise RowsError(f"{path} cannot be read: {why}", remedy="Name the file of a CSV that is there.") from error
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise RowsError(
            f"{path} is not in UTF-8: byte {error.start + 1} cannot be read",
            remedy='Save the sheet once more as "CSV UTF-8".',
        ) from error


def writer_settings(ai_provider: str, workspace: Path) -> dict[str, Any]:
    """The item settings that let the provider write scripts; "auto" and "none" need no provider.

    Raises `SettingsError` for one that no model of the setting `llm_models` is of.
    """
    if ai_provider == AUTO:
        return {}
    if ai_provider == NO_MODEL:
        return {"writer": "extractive"}
    listed = [each.strip() for each in load_settings(workspace).item.llm_models.split(",")]
    models = [each for each in listed if each.partition(":")[0].casefold() == ai_provider.casefold()]
    if not models:
        known = ", ".join(dict.fromkeys(each.partition(":")[0] for each in listed if each))
        raise SettingsError(
            f'ai_provider: found "{ai_provider}"; it must be {AUTO}, {NO_MODEL}, or a provider of llm_models: {known}',
            remedy="Add a model of this provider to the setting llm_models, or name one that is listed.",
        )
    return {"writer": "llm", "llm_models": ", ".join(models)}
