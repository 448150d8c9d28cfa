from __future__ import annotations

import os
import signal
import threading

import pytest

from pressrun.engine.signals import stop_on_signals
from pressrun.model.reason import StopReason


class FakeStopToken:
    def __init__(self) -> None:
        self.reason: str | None = None
        self.forced = False

    def request(self, reason: str) -> None:
        self.reason = reason

    def force(self) -> None:
        self.forced = True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_asks_to_stop(number: int) -> None:
    stop = FakeStopToken()
    with stop_on_signals(stop):
        os.kill(os.getpid(), number)
    assert stop.reason == StopReason.INTERRUPTED
    assert not stop.forced


def test_a_second_interrupt_forces_the_end() -> None:
    stop = FakeStopToken()
    with stop_on_signals(stop):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
    assert stop.forced


def test_a_hangup_after_an_interrupt_forces_nothing() -> None:
    stop = FakeStopToken()
    with stop_on_signals(stop):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGHUP)
    assert not stop.forced


def test_a_signal_that_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop = FakeStopToken()
    try:
        with stop_on_signals(stop):
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert stop.reason is None


def test_the_handlers_of_before_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_on_signals(FakeStopToken()):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_changes_no_handler() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with stop_on_signals(FakeStopToken()):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
