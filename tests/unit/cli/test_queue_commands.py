"""The commands of the queue reject mistakes, and name the owner of the batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from pressrun.cli import queue, send_ideas
from pressrun.cli.main import pressrun
from pressrun.jobs import queries


def test_an_unknown_queue_is_rejected() -> None:
    done = CliRunner().invoke(pressrun, ["worker", "--queue", "book"])
    assert done.exit_code == 2
    assert "'book' is not one of 'items', 'books'" in done.output


def test_an_empty_list_names_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def queue_of(user: str | None) -> Iterator[Any]:
        yield SimpleNamespace(user=user or "joan")

    monkeypatch.setattr(queue, "open_queue", queue_of)
    monkeypatch.setattr(queries, "list_batches", lambda *_, **__: queries.Page([], None))
    assert CliRunner().invoke(pressrun, ["queue", "list"]).output == (
        "joan has no batches. To list those of another user: --user NAME.\n"
    )


HEADER = "Titel;Dauer;Skript\n"
GOOD = "Der Türmer;2 min;Die Wärterin zählt jeden Abend die Schiffe, die vorbeifahren.\n"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The requests that `queue send` made, as rows that were read."""
    from pressrun.kinds.ideas import send

    made: list[Any] = []

    @contextmanager
    def queue_of(user: str | None) -> Iterator[Any]:
        yield SimpleNamespace(user=user)

    def create_batch(_queue: Any, batch: Any, jobs: Any, _idempotency: Any) -> Any:
        made.append((batch, list(jobs)))
        return {"id": "bj_1"}, True

    monkeypatch.setattr(send_ideas, "open_queue", queue_of)
    monkeypatch.setattr(send, "create_batch", create_batch)
    return made


def send_file(path: Path, *options: str) -> Any:
    command = ["queue", "send", str(path), "--workspace", str(path.parent), *options]
    return CliRunner(mix_stderr=False).invoke(pressrun, command)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1"])
def test_ideas_in_any_encoding_are_sent(tmp_path: Path, sent: list[Any], encoding: str) -> None:
    path = tmp_path / "ideas.csv"
    path.write_bytes((HEADER + GOOD).encode(encoding))
    done = send_file(path)
    assert (done.exit_code, done.stdout) == (0, "bj_1\n")
    (batch, (job,)) = sent[0]
    assert (batch.title, job.title, job.data["duration_seconds"]) == ("ideas", "Der Türmer", 120)
    assert "Wärterin" in job.data["script_content"]
    assert "1 video in the queue." in done.stderr
    assert ("was read as Windows-1252" in done.stderr) == (encoding in ("cp1252", "latin-1"))


def test_rejected_rows_and_warnings_are_shown_and_the_others_sent(tmp_path: Path, sent: list[Any]) -> None:
    path = tmp_path / "ideas.csv"
    path.write_text("Titel;Dauer;Skript;Farbe\nA;2 min;Words.;red\n;;;blue\nC;soon;Words.;\n", encoding="utf-8")
    done = send_file(path, "--title", "Spring")
    assert (done.exit_code, done.stdout) == (1, "bj_1\n")
    shown = " ".join(done.stderr.split())
    assert 'The column "Farbe" is stored but not used' in shown
    assert "Rejected: Row 3, idea_title: found nothing; expected a title, a description or a script" in shown
    assert 'Row 4, duration_seconds: "soon" is ignored' in shown
    assert "2 videos in the queue, 1 row rejected." in shown
    assert sent[0][0].title == "Spring"


def test_a_file_without_a_usable_row_is_not_sent_and_says_why(tmp_path: Path, sent: list[Any]) -> None:
    path = tmp_path / "ideas.csv"
    path.write_text("title,script\nA,\nB,\n")
    done = send_file(path, "--validation", "moderate")
    assert (done.exit_code, done.stdout, sent) == (2, "", [])
    assert "Rejected: Row 2, script_content: found nothing" in " ".join(done.stderr.split())
    assert "None of the 2 rows can be used" in " ".join(done.stderr.split())


def test_a_file_that_is_missing_or_no_text_is_named(tmp_path: Path, sent: list[Any]) -> None:
    (tmp_path / "sheet.xlsx").write_bytes(b"PK\x03\x04\0\x01\0\0\0\xff\xd8\0\x12\x34\0\0\0")
    for name, message in (("no.csv", "cannot be read: no such file"), ("sheet.xlsx", "is not a text file")):
        done = send_file(tmp_path / name)
        assert done.exit_code == 2
        assert message in " ".join(done.stderr.split())
    assert sent == []
