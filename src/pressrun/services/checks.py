"""Run many checks in parallel, each with a timeout, and report their findings.

A check is a function that returns a few words, or raises a `PressrunError` whose remedy is shown to the user.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pressrun.clock import awake_time
from pressrun.error_reports import to_pressrun_error
from pressrun.errors import PressrunError, UnexpectedError
from pressrun.redaction import redact

CHECK_TIMEOUT = 10.0
"""Timeout of one check, in seconds."""
LOCAL_CHECK_TIMEOUT = 60.0
"""Timeout of a check that only computes. Its first run may prepare a model, which takes long on a busy machine."""

State = Literal["fine", "warning", "wrong", "unused"]
Note = Callable[[str], None]
"""Receives a warning as one sentence."""


@dataclass(frozen=True)
class Finding:
    """The result of one check. Only "wrong" keeps Pressrun from working."""

    group: str
    name: str
    state: State
    found: str
    remedy: str = ""


@dataclass(frozen=True)
class Check:
    """One check. If it is not `needed`, an error becomes a warning."""

    group: str
    name: str
    run: Callable[[Note], str]
    needed: bool = True
    state_if_fine: State = "fine"
    timeout: float | None = None
    """In seconds; None for that of the run."""

    def finding(self, state: State, found: str, remedy: str = "") -> Finding:
        return Finding(self.group, self.name, state, redact(found), redact(remedy))


def run_check(check: Check) -> Finding:
    """Run `check` and return its finding, even if it raises."""
    notes: list[str] = []
    failed: State = "wrong" if check.needed else "warning"
    try:
        found = check.run(notes.append)
    except PressrunError as error:
        return check.finding(failed, error.message, error.remedy)
    except ImportError as error:
        return check.finding(failed, f"{error.name or error} cannot be loaded: {error}", "Install Pressrun again.")
    except Exception as error:
        known = to_pressrun_error(error)
        if not isinstance(known, UnexpectedError):
            return check.finding(failed, known.message, known.remedy)
        return check.finding(failed, f"{type(error).__name__}: {error}", "This is a bug in Pressrun.")
    return check.finding("warning", found, " ".join(notes)) if notes else check.finding(check.state_if_fine, found)


def run_checks(
    checks: Sequence[Check], done: Callable[[int], None] = lambda _done: None, limit: float | None = None
) -> list[Finding]:
    """Run all checks in parallel and return one finding per check, in order. `done` gets the number of finished checks.

    A check that takes longer than its own timeout, else `limit` seconds (default: `CHECK_TIMEOUT`), is left behind in
    its thread, which ends with the process.
    """
    limit = limit or CHECK_TIMEOUT
    findings: dict[int, Finding] = {}
    changed = threading.Condition()

    def work(at: int) -> None:
        found = run_check(checks[at])
        with changed:
            findings.setdefault(at, found)
            changed.notify()

    for at in range(len(checks)):
        threading.Thread(target=work, args=(at,), daemon=True, name=f"check-{checks[at].name}").start()
    timeouts = [check.timeout or limit for check in checks]
    start = awake_time()
    with changed:
        while missing := [timeouts[at] for at in range(len(checks)) if at not in findings]:
            left = start + max(missing) - awake_time()
            if left <= 0:
                break
            changed.wait(left)
            done(len(findings))
        for at, check in enumerate(checks):
            findings.setdefault(at, _timed_out(check, timeouts[at]))
    return [findings[at] for at in range(len(checks))]


def _timed_out(check: Check, limit: float) -> Finding:
    return check.finding(
        "wrong" if check.needed else "warning", f"no answer within {limit:g} s",
        "Check the network and the disk, or skip the network with --offline." if check.timeout is None else
        "Check the disk, and try again when the machine is less busy.",
    )
