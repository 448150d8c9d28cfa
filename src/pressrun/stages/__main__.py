"""Run one stage: `python -m pressrun.stages STAGE RUN_FOLDER`, with its task in the environment."""

from __future__ import annotations

import os
import sys
import traceback
from importlib import import_module
from pathlib import Path

from pressrun import redaction
from pressrun.error_reports import to_report
from pressrun.errors import EXIT_FAILED, EXIT_OK, ErrorReport
from pressrun.model.stage_protocol import EVENTS_DESCRIPTOR, TASK_VARIABLE, Failure, Task, decode_task
from pressrun.stages.work import Declared, EventPipe, Work
from pressrun.store import json_files
from pressrun.store.run_folder import ITEM, Item


def main() -> int:
    """Run the stage. An error is sent to the engine as an event, and its traceback is written to the log."""
    task = decode_task(os.environ[TASK_VARIABLE])
    folder = Path(sys.argv[2])
    redaction.register_environment()
    sys.stdout, sys.stderr = redaction.RedactedStream(sys.stdout), redaction.RedactedStream(sys.stderr)
    events = EventPipe(EVENTS_DESCRIPTOR)
    try:
        import_module(task.run).run(make_work(task, folder, events))
    except Exception as error:
        report = error_report(error, folder)
        events.send(Failure(report.kind, report.message, report.remedy, report.retryable))
        traceback.print_exc()
        return EXIT_FAILED
    finally:
        sys.stdout.close()
        sys.stderr.close()
    return EXIT_OK


def make_work(task: Task, folder: Path, events: EventPipe) -> Work:
    """Return the `Work` of the stage in `task`, with the settings and services that it declared."""
    item = json_files.load(folder / ITEM, Item)
    known = {**item.settings, **task.values}
    settings = {name: known[name] for name in task.settings}
    services = {kind: item.services[kind] for kind in task.services}
    return Work(
        folder=folder,
        workspace=Path(task.workspace),
        book=item.book,
        stage=task.stage,
        marker=task.marker,
        settings=Declared(settings, task.stage, "setting"),
        services=Declared(services, task.stage, "service"),
        workers=task.workers,
        version=task.version,
        events=events,
    )


def error_report(error: Exception, folder: Path) -> ErrorReport:
    """Return the report of an error that is sent to the engine."""
    return to_report(error, folder, remedy="The log has the details; please report them.")


if __name__ == "__main__":
    sys.exit(main())
