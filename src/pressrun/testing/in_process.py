"""A runner that runs stages inside this process: the same files, events and errors, without a process per stage."""

from __future__ import annotations

import traceback
from importlib import import_module
from pathlib import Path

from pressrun.clock import awake_time
from pressrun.engine.output_log import OutputLog
from pressrun.engine.process_runner import EventHandler, ProcessResult, StageProcess, Terminating
from pressrun.engine.stop import StopToken
from pressrun.errors import EXIT_FAILED, EXIT_OK
from pressrun.model.stage_protocol import TASK_VARIABLE, Reads, StageEvent, decode_task
from pressrun.stages.__main__ import error_report, make_work
from pressrun.stages.work import EventPipe


class InProcessRunner:
    """Run stages in this process. Several workers may share it.

    A stop or a deadline ends a stage when it starts, sends an event or returns. Use `ProcessRunner` for stages that
    end their process, ignore signals, start processes or write to standard output.
    """

    def run(self, process: StageProcess, stop: StopToken, on_event: EventHandler) -> ProcessResult:
        task = decode_task(process.environment[TASK_VARIABLE])
        folder = Path(process.argv[-1])
        events = _Events(process, stop, on_event)
        log = OutputLog(process.log, process.title)
        try:
            events.end_if_due()
            import_module(task.run).run(make_work(task, folder, events))
            events.end_if_due()
        except _StageEnded:
            return ProcessResult(timed_out=not stop, stopped=bool(stop), reads=events.reads)
        except Exception as error:
            log.write(traceback.format_exc().encode())
            return ProcessResult(EXIT_FAILED, error_report(error, folder), events.reads)
        finally:
            log.close()
        return ProcessResult(EXIT_OK, reads=events.reads)

    def close(self) -> None:
        """Do nothing: there is no process to end."""


class _StageEnded(BaseException):
    """Ends a stage; not an `Exception`, so that the stage does not handle it."""


class _Events(EventPipe):
    """Passes events on directly, and ends a stage that sends one after a stop or its deadline."""

    def __init__(self, process: StageProcess, stop: StopToken, on_event: EventHandler) -> None:
        super().__init__(None)
        self.reads: dict[str, str] = {}
        self._process, self._stop, self._on_event = process, stop, on_event

    def send(self, event: StageEvent) -> None:
        if isinstance(event, Reads):
            self.reads[event.path] = event.sha256
        else:
            self._on_event(event)
        self.end_if_due()

    def end_if_due(self) -> None:
        """Raise `_StageEnded` after a stop or the deadline."""
        if self._stop:
            self._on_event(Terminating())
            raise _StageEnded
        if awake_time() >= self._process.deadline:
            raise _StageEnded
