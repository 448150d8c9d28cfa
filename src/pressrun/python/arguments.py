"""Validate the arguments of `BatchProcessor`, and turn those of a bulk job into a request of the REST API."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pressrun.errors import DatabaseError, UsageError
from pressrun.jobs.limits import env_int, require_non_negative_int
from pressrun.jobs.variables import DATABASE_URL, MAX_WORKERS
from pressrun.kinds.ideas.rows.csv_file import read_csv_file
from pressrun.python.queue_manager import NO_WORKER

MAX_QUEUE_NAME_LENGTH = 100
AUTO = "auto"
DEFAULT_RANGE = "A1:Z1000"
DEFAULT_TITLE = "Bulk job"
_DATABASE_URL = re.compile(r"://|(^|\s)(host|hostaddr|dbname|service)=")
"""Matches every form of a database URL that libpq accepts, but no name of a folder."""
_ROW_SOURCES = ("sheet_id", "rows", "csv_text", "csv_file")


def parse_database(
    database: str | os.PathLike[str] | None, db_path: str | os.PathLike[str] | None
) -> tuple[Path | None, dict[str, str] | None]:
    """Return the folder of an embedded database, or an environment with a URL, for `open_database`.

    Raises `UsageError` for two different values, and `DatabaseError` for a file.
    """
    if database is not None and db_path is not None and os.fspath(database) != os.fspath(db_path):
        raise UsageError(
            "database and db_path are the same parameter; found two different values", remedy="Use only database."
        )
    value = os.fspath(database if database is not None else db_path or "")
    if not value:
        return None, None
    if _DATABASE_URL.search(value):
        return None, {DATABASE_URL: value}
    folder = Path(value).expanduser().resolve()
    if folder.is_file():
        raise DatabaseError(f"{folder} is a file", remedy="Use a folder for the database, or a PostgreSQL URL.")
    return folder, None


def parse_max_workers(value: int | None) -> int:
    """Return the number of concurrent videos; None reads the environment.

    Raises `UsageError` or, for the environment, `SettingsError` unless it is a whole number from 0.
    """
    if value is None:
        return env_int(MAX_WORKERS, 4, remedy=NO_WORKER)
    return require_non_negative_int("max_workers", value, remedy=NO_WORKER)


def processor_name(kind: type, name: str) -> str:
    """Return the name of the processors of a class, which stays the same when the program starts again."""
    module = kind.__module__
    if module == "__main__":
        main = sys.modules["__main__"]
        spec, file = getattr(main, "__spec__", None), getattr(main, "__file__", None)
        module = spec.name if spec else Path(file).stem if file else module
    return f"{module}.{kind.__qualname__}" + (f":{name}" if name else "")


def own_queue_name(processor: str) -> str:
    """Return the queue for jobs of a processor that runs them with its own coroutine."""
    queue = f"own:{processor}"
    if len(queue) <= MAX_QUEUE_NAME_LENGTH:
        return queue
    digest = hashlib.sha256(queue.encode()).hexdigest()[:16]
    return f"{queue[: MAX_QUEUE_NAME_LENGTH - 17]}:{digest}"


def parse_user(user_id: object, default: str) -> str:
    """Return the owner of a bulk job. Raises `UsageError` for rows in this place, where earlier versions took them."""
    if user_id is None or user_id == "":
        return default
    if not isinstance(user_id, str):
        raise UsageError(
            f"user_id: found {type(user_id).__name__}; it must be text",
            remedy="Pass title and rows by keyword: create_bulk_job(title='Spring', rows=[…]).",
        )
    return user_id


def parse_range(column_range: str | None, range: str | None) -> str:
    """Return the range of a sheet. Raises `UsageError` for two different values."""
    if column_range and range and column_range != range:
        raise UsageError(
            "column_range and range are the same parameter; found two different values",
            remedy="Use only column_range.",
        )
    return column_range or range or DEFAULT_RANGE


def title_of(arguments: Mapping[str, Any]) -> str:
    """Return the title of a bulk job that was given none: the name of its sheet or file."""
    if arguments.get("csv_file") is not None:
        return Path(arguments["csv_file"]).stem or DEFAULT_TITLE
    return str(arguments.get("sheet_id") or DEFAULT_TITLE)


def make_input_source(arguments: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `input_source` of a request from one of `rows`, `csv_text`, `csv_file` and `sheet_id`.

    `options` are its other fields; None leaves a field out. Raises `UsageError` unless exactly one source is given, and
    `RowsError` for a file that cannot be read.
    """
    names = [name for name in _ROW_SOURCES if arguments.get(name) is not None]
    if len(names) != 1:
        raise UsageError(
            f"A bulk job takes one of sheet_id, rows, csv_text and csv_file; found {' and '.join(names) or 'none'}",
            remedy="Pass the rows in one way, e.g. title='Spring', rows=[{'idea_title': …, 'script_content': …}].",
        )
    value = arguments[names[0]]
    match names[0]:
        case "rows":
            source: dict[str, Any] = {"type": "rows", "rows": _plain_rows(value)}
        case "csv_text":
            source = {"type": "csv", "content": value}
        case "csv_file":
            text, warning = read_csv_file(Path(value))
            if warning:
                warnings.warn(warning, UserWarning, stacklevel=4)
            source = {"type": "csv", "content": text}
        case _:
            source = {"type": "sheet", "sheet_id": value, "range": arguments["range"]}
    return source | {name: value for name, value in options.items() if value is not None}


def make_request(body: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a request: `body` and `fields`, with `output_bucket` and `template_id` in their objects.

    Raises `UsageError` if one of these two is also in its object.
    """
    request = {**body, **{name: value for name, value in fields.items() if value is not None}}
    for name, parent in (("output_bucket", "output"), ("template_id", "template")):
        if name in request:
            inner = dict(request.get(parent) or {})
            if name in inner:
                raise UsageError(f"{name} is also in {parent}", remedy="Pass it once.")
            request[parent] = inner | {name: request.pop(name)}
    return request


def _plain_rows(rows: Any) -> list[Any]:
    if isinstance(rows, str | bytes | Mapping) or not hasattr(rows, "__iter__"):
        raise UsageError(
            f"rows: found {type(rows).__name__}; it must be a list of rows",
            remedy="Put each row, a dict or a list of cells, into a list. Pass CSV text as csv_text.",
        )
    return [dict(each) if isinstance(each, Mapping) else _plain_row(each) for each in rows]


def _plain_row(row: Any) -> Any:
    return list(row) if isinstance(row, Sequence) and not isinstance(row, str | bytes) else row
