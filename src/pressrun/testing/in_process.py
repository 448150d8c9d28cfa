"""A runner that runs stages inside this process: the same files, events and errors, without a process per stage."""

from __future__ import annotations

import json
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

from pressrun.engine.output_log import OutputLog
from pressrun.engine.process_runner import STOPPING, Attempt, Exit, Said
from pressrun.engine.stage_run import TASK_VARIABLE
from pressrun.engine.stop import StopToken
from pressrun.errors import EXIT_FAILED, EXIT_OK
from pressrun.stages.__main__ import error_report, make_work
from pressrun.stages.work import EventPipe


class InProcessRunner:
    """Run stages in this process. Several workers may share it.

    A stop or a deadline ends a stage when it starts, sends an event or returns. Use `ProcessRunner` for stages that
    end their process, ignore signals, start processes or write to standard output.
    """

    def run(self, attempt: Attempt, stop: StopToken, said: Said) -> Exit:
        task = json.loads(attempt.environment[TASK_VARIABLE])
        folder = Path(attempt.argv[-1])
        events = _Events(attempt, stop, said)
        log = OutputLog(attempt.log, attempt.title)
        try:
            events.end_if_due()
            import_module(task["run"]).run(make_work(task, folder, events))
            events.end_if_due()
        except _StageEnded:
            return Exit(timed_out=not stop, stopped=bool(stop), reads=events.reads)
        except Exception as error:
            log.write(traceback.format_exc().encode())
            return Exit(EXIT_FAILED, error_report(error, folder), events.reads)
        finally:
            log.close()
        return Exit(EXIT_OK, reads=events.reads)

    def close(self) -> None:
        """Do nothing: there is no process to end."""


class _StageEnded(BaseException):
    """Ends a stage; not an `Exception`, so that the stage does not handle it."""


class _Events(EventPipe):
    """Passes events on directly, and ends a stage that sends one after a stop or its deadline."""

    def __init__(self, attempt: Attempt, stop: StopToken, said: Said) -> None:
        super().__init__(None)
        self.reads: dict[str, str] = {}
        self._attempt, self._stop, self._said = attempt, stop, said

    def send(self, kind: str, /, **fields: Any) -> None:
        if kind == "reads":
            self.reads[fields["path"]] = fields["sha256"]
        else:
            self._said({"event": kind, **fields})
        self.end_if_due()

    def end_if_due(self) -> None:
        """Raise `_StageEnded` after a stop or the deadline."""
        if self._stop:
            self._said({"event": STOPPING})
            raise _StageEnded
        if time.monotonic() >= self._attempt.deadline:
            raise _StageEnded
