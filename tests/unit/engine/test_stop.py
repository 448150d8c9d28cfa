"""The stop token: a stop ends what runs, a hold lets it finish."""

from __future__ import annotations

import threading
import time

import pytest

from pressrun.engine.stop import StopToken


def test_a_hold_is_not_a_stop_and_lets_nothing_new_begin() -> None:
    stop = StopToken()
    assert not stop.no_new_stages
    stop.hold()
    stop.hold()
    assert stop.no_new_stages
    assert not stop
    assert stop.reason is None


def test_a_wait_between_stages_ends_with_a_hold() -> None:
    stop, began = StopToken(), time.monotonic()
    threading.Timer(0.1, stop.hold).start()
    assert stop.wait(20)
    assert time.monotonic() - began < 3


def test_after_a_hold_a_stop_still_ends_what_runs() -> None:
    stop = StopToken()
    stop.hold()
    stop.request("cancel")
    assert stop.reason == "cancel"


def test_a_token_left_at_the_end_of_a_program_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    token = StopToken()
    with monkeypatch.context() as end:
        end.setattr("pressrun.engine.stop.suppress", None)
        token.__del__(lambda: True)
    token.request("cancel")
    assert token.wait(0)
