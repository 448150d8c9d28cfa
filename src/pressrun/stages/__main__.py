"""Run one stage: `python -m pressrun.stages STAGE RUN_FOLDER`, with its task in the environment."""

from __future__ import annotations

import json
import os
import sys
import traceback
from importlib import import_module
from pathlib import Path

from pressrun import redaction
from pressrun.error_reports import to_report
from pressrun.errors import EXIT_FAILED, EXIT_OK, ErrorReport
from pressrun.stages.work import Declared, EventPipe, Work
from pressrun.store import json_files
from pressrun.store.run_folder import ITEM, Item

TASK_VARIABLE = "PRESSRUN_TASK"
EVENTS_DESCRIPTOR = 3


def main() -> int:
    """Run the stage. An error is sent to the engine as an event, and its traceback is written to the log."""
    task = json.loads(os.environ[TASK_VARIABLE])
    folder = Path(sys.argv[2])
    redaction.register_environment()
    sys.stdout, sys.stderr = redaction.RedactedStream(sys.stdout), redaction.RedactedStream(sys.stderr)
    events = EventPipe(EVENTS_DESCRIPTOR)
    try:
        import_module(task["run"]).run(make_work(task, folder, events))
    except Exception as error:
        report = error_report(error, folder)
        events.send("error", kind=report.kind, message=report.message, remedy=report.remedy, retryable=report.retryable)
        traceback.print_exc()
        return EXIT_FAILED
    finally:
        sys.stdout.close()
        sys.stderr.close()
    return EXIT_OK


def make_work(task: dict[str, object], folder: Path, events: EventPipe) -> Work:
    """Return the `Work` of the stage in `task`, with the settings and services that it declared."""
    item = json_files.load(folder / ITEM, Item)
    stage = str(task["stage"])
    values = task.get("values")
    known = {**item.settings, **(values if isinstance(values, dict) else {})}
    settings = {name: known[name] for name in _names(task["settings"])}
    services = {kind: item.services[kind] for kind in _names(task["services"])}
    return Work(
        folder=folder,
        workspace=Path(str(task["workspace"])),
        book=item.book,
        stage=stage,
        marker=str(task["marker"]),
        settings=Declared(settings, stage, "setting"),
        services=Declared(services, stage, "service"),
        workers=int(str(task["workers"])),
        version=int(str(task.get("version", 1))),
        events=events,
    )


def _names(value: object) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else []


def error_report(error: Exception, folder: Path) -> ErrorReport:
    """Return the report of an error that is sent to the engine."""
    return to_report(error, folder, remedy="The log has the details; please report them.")


if __name__ == "__main__":
    sys.exit(main())
