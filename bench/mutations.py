"""`python -m bench.mutations [--short] [--json FILE]`: whether the tests notice when a promise is broken.

Each mutation replaces a piece of the source in a copy of it, and the tests run against the copy: with `--short` those
that guard the promise in question, otherwise all of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.report import Figure, parse_arguments, report_figures

PROJECT = Path(__file__).resolve().parents[1]
PASSED, FAILED = 0, 1
"""Exit codes of pytest; any other means that the tests did not run."""
TIMEOUT = 1800.0
"""Seconds for one run of the tests."""


@dataclass(frozen=True)
class Mutation:
    name: str
    file: str
    """Below `src/pressrun`."""
    before: str
    """Must be in the file exactly once."""
    after: str
    tests: tuple[str, ...]
    """What guards the promise, as pytest takes it."""


MUTATIONS = (
    Mutation(
        "a file is renamed before its content is on disk", "store/atomic.py",
        "                os.fsync(file.fileno())\n        before_rename()", "        before_rename()",
        ("tests/unit/store/test_atomic.py", "tests/faults/test_promises.py::"
         "test_acknowledged_updates_survive_a_cut_at_every_step_of_a_simulated_disk"),
    ),
    Mutation(
        "the folder is not synced after a rename", "store/atomic.py",
        "        sync_folder(folder)\n", "",
        ("tests/unit/store/test_atomic.py", "tests/faults/test_promises.py::"
         "test_acknowledged_updates_survive_a_cut_at_every_step_of_a_simulated_disk"),
    ),
    Mutation(
        "a book that another process works on is run too", "store/locks.py",
        "        yield False\n        return\n", "        yield True\n        return\n",
        ("tests/unit/store/test_locks.py", "tests/unit/engine/test_batch.py"),
    ),
    Mutation(
        "the checkpoint is written before the record of the stage", "store/run_folder.py",
        "{STAGES: json_files.encode(details), SUMMARY: json_files.encode(merged)}",
        "{SUMMARY: json_files.encode(merged), STAGES: json_files.encode(details)}",
        ("tests/unit/store/test_run_folder.py", "tests/faults/test_promises.py::"
         "test_after_a_kill_finished_stages_never_run_again_and_the_interrupted_one_does_once"),
    ),
    Mutation(
        "an upload does not look for its marker first", "stages/upload.py",
        "published = publisher.find(work.marker, package, work.context)", "published = None",
        ("tests/unit/stages/test_upload.py", "tests/faults/test_uploads.py"),
    ),
    Mutation(
        "a stage whose settings changed counts as fresh", "engine/freshness.py",
        "if name not in known.settings or known.settings[name] != config.settings[name]:",
        "if name not in known.settings:",
        ("tests/unit/engine/test_freshness.py",),
    ),
    Mutation(
        "a stage whose input files changed counts as fresh", "engine/freshness.py",
        "if known.needs.get(name) != folder.sha256(name):", "if name not in known.needs:",
        ("tests/unit/engine/test_freshness.py",),
    ),
    Mutation(
        "the checkpoints of stages that will run again are kept", "engine/item_run.py",
        "            checkpoint[stage.name] = None\n", "",
        ("tests/unit/engine/test_engine_model.py", "tests/unit/engine/test_item_run.py"),
    ),
    Mutation(
        "an error that is not retryable is retried", "engine/stage_run.py",
        "if error is None or not error.retryable or self.number == limit:", "if error is None or self.number == limit:",
        ("tests/unit/engine/test_batch.py",),
    ),
    Mutation(
        "grandchildren of a stage survive it", "engine/supervisor.py",
        "    become_subreaper()\n", "",
        ("tests/unit/engine/test_process_runner.py", "tests/faults/test_promises.py::"
         "test_nothing_stays_behind_however_a_batch_ends"),
    ),
    Mutation(
        "a worker that lost its job still finishes it", "jobs/sql/attempts.sql",
        "WHERE x.id = _job AND x.attempt = _attempt AND x.state = 'in_progress';", "WHERE x.id = _job;",
        ("tests/unit/jobs/test_moves.py",),
    ),
    Mutation(
        "more jobs of a batch run at once than it allows", "jobs/sql/admission.sql",
        "ORDER BY priority, id LIMIT b.parallel - b.active", "ORDER BY priority, id LIMIT b.parallel",
        ("tests/unit/jobs/test_scheduling.py",),
    ),
    Mutation(
        "a job is retried more often than its batch allows", "jobs/sql/attempts.sql",
        "(_error->>'retryable')::boolean AND j.tries < b.max_retries", "(_error->>'retryable')::boolean",
        ("tests/unit/jobs/test_moves.py",),
    ),
)


def main() -> int:
    given = parse_arguments("Takes promises out of the code, one at a time, and counts what the tests notice.")
    missing = [each.name for each in MUTATIONS if _source(each).count(each.before) != 1]
    for name in missing:
        print(f"{name}: the code to replace is not in its file exactly once", file=sys.stderr)
    if missing:
        return 2
    guards = tuple(dict.fromkeys(test for each in MUTATIONS for test in each.tests))
    sound = _run_tests(None, guards if given.short else ())
    caught = {each.name: _run_tests(each, each.tests if given.short else ()) == FAILED for each in MUTATIONS}
    figures = [Figure("tests fail without a mutation", int(sound != PASSED), "", required=0)]
    figures += [Figure(name, int(noticed), "", required=1, at_most=False) for name, noticed in caught.items()]
    figures.append(Figure("mutations caught", sum(caught.values()), "", required=len(MUTATIONS), at_most=False))
    return report_figures(figures, given.json)


def _source(mutation: Mutation) -> str:
    return (PROJECT / "src" / "pressrun" / mutation.file).read_text(encoding="utf-8")


def _run_tests(mutation: Mutation | None, tests: tuple[str, ...]) -> int:
    """Run `tests`, or all, against a copy of the source with this mutation; return the exit code of pytest."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as name:
        source = Path(name).resolve() / "src"
        shutil.copytree(PROJECT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        if mutation:
            path = source / "pressrun" / mutation.file
            path.write_text(_source(mutation).replace(mutation.before, mutation.after), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--quiet", "--exitfirst", "--no-header", "-p", "no:cacheprovider", *tests],
            cwd=PROJECT, env=os.environ | {"PYTHONPATH": str(source)}, capture_output=True, text=True, timeout=TIMEOUT,
        )
    wanted = (PASSED, FAILED) if mutation else (PASSED,)
    if done.returncode not in wanted:
        print(f"{mutation.name if mutation else 'No mutation'}:\n{done.stdout[-3000:]}{done.stderr}", file=sys.stderr)
    elif mutation and done.returncode == PASSED:
        print(f"Not noticed: {mutation.name}", file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
