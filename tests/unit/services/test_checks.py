"""Looking at many things at once: each has its time, and nothing that happens in one reaches another."""

from __future__ import annotations

import threading
import time

import pytest

from pressrun import redaction
from pressrun.errors import NetworkError
from pressrun.services.checks import Check, Finding, Note, run_check, run_checks


def fails(_note: Note) -> str:
    raise NetworkError("example.org did not answer", remedy="Try again later.")


def test_what_is_found_is_said() -> None:
    assert run_check(Check("A", "b", lambda _note: "there")) == Finding("A", "b", "fine", "there")


def test_what_is_not_used_says_so() -> None:
    assert run_check(Check("A", "b", lambda _note: "idle", state_if_fine="unused")).state == "unused"


def test_an_error_keeps_its_remedy() -> None:
    assert run_check(Check("A", "b", fails)) == Finding(
        "A", "b", "wrong", "example.org did not answer", "Try again later."
    )


def test_an_error_of_what_is_not_needed_is_a_warning() -> None:
    assert run_check(Check("A", "b", fails, needed=False)).state == "warning"


def test_a_note_is_a_warning_beside_what_was_found() -> None:
    def look(note: Note) -> str:
        note("It is old.")
        return "version 1"

    assert run_check(Check("A", "b", look)) == Finding("A", "b", "warning", "version 1", "It is old.")


@pytest.mark.parametrize("error", [ValueError("odd"), OSError("odd"), ImportError("odd")])
def test_an_error_that_nobody_foresaw_is_a_finding_too(error: Exception) -> None:
    def look(_note: Note) -> str:
        raise error

    found = run_check(Check("A", "b", look))
    assert (found.state, "odd" in found.found) == ("wrong", True)
    assert found.remedy


def test_a_secret_in_an_error_is_not_shown() -> None:
    redaction.register("canary-in-a-check")

    def look(_note: Note) -> str:
        raise NetworkError("refused canary-in-a-check")

    assert run_check(Check("A", "b", look)).found == f"refused {redaction.HIDDEN}"


def test_all_are_looked_at_side_by_side_and_keep_their_order() -> None:
    def slow(_note: Note) -> str:
        time.sleep(0.2)
        return "slow"

    counted: list[int] = []
    before = time.monotonic()
    checks = [*(Check("A", f"slow {at}", slow) for at in range(5)), Check("A", "quick", lambda _note: "quick")]
    found = run_checks(checks, counted.append)
    assert time.monotonic() - before < 0.8
    assert [each.found for each in found] == [*["slow"] * 5, "quick"]
    assert counted[-1] == 6


def test_one_that_hangs_is_left_behind() -> None:
    end = threading.Event()

    def hang(_note: Note) -> str:
        end.wait(30)
        return "late"

    hanging, fine = run_checks([Check("A", "hangs", hang), Check("A", "fine", lambda _note: "there")], limit=0.2)
    end.set()
    assert (hanging.state, hanging.found) == ("wrong", "no answer within 0.2 s")
    assert "--offline" in hanging.remedy
    assert fine.state == "fine"


def test_one_that_computes_has_a_longer_timeout_of_its_own() -> None:
    end = threading.Event()
    threading.Timer(0.3, end.set).start()

    def prepare(_note: Note) -> str:
        end.wait(30)
        return "prepared"

    (local,) = run_checks([Check("A", "here", prepare, timeout=30)], limit=0.1)
    assert local.found == "prepared"
    late = run_checks([Check("A", "here", lambda _note: str(threading.Event().wait(1)), timeout=0.1)])[0]
    assert "less busy" in late.remedy
