"""Write results to standard output, for programs that read them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pressrun.cli.formatting import clean_text
from pressrun.cli.interrupt import mark_output_started
from pressrun.cli.screen import is_terminal, usable_encoding
from pressrun.errors import PressrunError
from pressrun.model.plan import Plan, PlanRow
from pressrun.model.result import BatchResult
from pressrun.wording import details, result_lists, sentence


def write_text(result: BatchResult) -> None:
    """Write a line per book: outcome, book, video URL and short URL (each may be empty), separated by tabs.

    Writes nothing on a terminal that has just shown the summary, i.e. if standard error is a terminal too.
    """
    if is_terminal(sys.stdout) and is_terminal(sys.stderr):
        return
    rows = ((each.outcome, str(each.book), each.video_url or "", each.short_url or "") for each in result.books)
    _write("".join("\t".join(map(clean_text, row)) + "\n" for row in rows))


def write_json(result: BatchResult) -> None:
    """Write one object with the lists `success`, `resumed`, `failed` and `skipped`.

    It also has `warnings` if there are any, and `estimate` and `took` if the plan had an estimate.
    """
    extra: dict[str, Any] = {"warnings": list(result.warnings)} if result.warnings else {}
    if result.estimate:
        extra["estimate"] = {"seconds": result.estimate.seconds, "disk": result.estimate.disk}
        extra["took"] = {"seconds": round(result.seconds, 3), "disk": result.disk}
    _write_object(result_lists(result) | extra)


def write_plan_json(plan: Plan) -> None:
    """Write the four lists, empty, and the plan: the output of `--dry-run`."""
    rows = [_plan_row(row) for row in plan.rows]
    services = [asdict(choice) for choice in plan.services]
    whole: dict[str, Any] = {"plan": rows, "services": services, "warnings": [sentence(each) for each in plan.warnings]}
    whole["warning_kinds"] = [each.kind for each in plan.warnings]
    if plan.uploads:
        whole["uploads_today"] = asdict(plan.uploads)
    if plan.estimate:
        whole["estimate"] = asdict(plan.estimate)
    _write_object(result_lists(BatchResult()) | whole)


def _plan_row(row: PlanRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "book": row.book.title,
        "author": row.book.author,
        "status": row.status,
        "action": row.action,
        "details": details(row),
        "details_kind": row.details.kind,
        "run_folder": row.run_folder,
        "stages": row.stages,
        "reasons": {stage: sentence(reason) for stage, reason in row.decision.reasons.items()},
        "later": row.decision.later,
        "waits": sentence(row.waits),
        "uploads": row.uploads,
        "publishes_again": row.decision.publishes_again,
        "youtube_url": row.video_url,
        "short_url": row.short_url,
        "warnings": [sentence(each) for each in row.warnings],
        "warning_kinds": [each.kind for each in row.warnings],
        "seconds": row.seconds,
    }


def write_paths(paths: Iterable[Path]) -> None:
    """Write one path per line."""
    _write("".join(f"{clean_text(str(path))}\n" for path in paths))


def write_stream(text: str) -> bool:
    """Write `text` unchanged. Return False if the reader has gone."""
    return _write(text)


def write_error_json(message: str, remedy: str) -> None:
    """Write the four lists, empty, and `error`. Never fails: the error is on standard error already."""
    with suppress(PressrunError):
        _write_object(result_lists(BatchResult()) | {"error": {"message": message, "remedy": remedy}})


def silence_stdout() -> None:
    """Discard standard output after its reader has gone, because Python flushes it once more when it exits."""
    with suppress(OSError), Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _write_object(value: dict[str, Any]) -> None:
    _write(json.dumps(value, indent=2, ensure_ascii=usable_encoding(sys.stdout) != "utf-8") + "\n")


def _write(text: str) -> bool:
    """Write and flush. Return False if the reader has gone, which is not an error; a full disk is one."""
    stream = sys.stdout
    if stream is None:
        return False
    encoding = usable_encoding(stream)
    mark_output_started()
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        silence_stdout()
        return False
    except OSError as error:
        silence_stdout()
        raise PressrunError(
            f"The results cannot be written to standard output: {(error.strerror or str(error)).lower()}",
            remedy="The summary above shows all of them, and database.json has what was published.",
        ) from error
    return True
