"""Anything that keeps a list from being sent to the queue is reported before the plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pressrun.cli.main import run_batch
from pressrun.jobs import server


def run(workspace: Path, *options: str) -> Result:
    (workspace / "books.txt").write_text("Walden\n")
    return CliRunner().invoke(
        run_batch, ["--workspace", str(workspace), "--queue", "--yes", *options], catch_exceptions=False
    )


def test_abort_on_error_and_the_queue_exclude_each_other(tmp_path: Path) -> None:
    done = run(tmp_path, "--abort-on-error")
    assert done.exit_code == 2
    # Wherever the lines fold.
    assert " ".join(done.output.split()) == (
        "--abort-on-error cannot be used with --queue: nothing may be watching when a book fails. "
        "Remove one of the two options."
    )


def test_a_missing_extra_is_reported_before_the_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "find_spec", lambda name: None if name == "procrastinate" else name)
    done = run(tmp_path)
    assert done.exit_code == 2
    assert "Plan for" not in done.output
    assert "pip install 'pressrun[serve]'" in done.output


def test_a_dry_run_for_the_queue_needs_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_DATABASE_URL", "postgresql://ann@127.0.0.1:1/queue")
    done = run(tmp_path, "--dry-run")
    assert done.exit_code == 0
    assert "Dry run: nothing was written." in done.output


def test_an_unreachable_database_is_an_error_with_exit_code_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_DATABASE_URL", "postgresql://ann:correct-horse@127.0.0.1:1/queue")
    monkeypatch.setenv("PRESSRUN_PIPELINE", "pressrun.testing.pipeline:TINY")
    monkeypatch.setenv("PRESSRUN_NETWORK", "off")
    done = run(tmp_path)
    assert done.exit_code == 2
    assert "The database does not answer" in done.output
    assert "correct-horse" not in done.output
    assert not (tmp_path / "database.json").exists()
