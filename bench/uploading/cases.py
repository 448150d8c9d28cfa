"""Which faults are tried: at every request of a clean run, and inside every chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.loopback.youtube_api import Fault

from bench.uploading.trial import NEVER, Case

Request = tuple[str, int, int]
"""Name, number among those of its name, bytes of its body."""
SILENT = 40.0
"""Seconds for which a server says nothing: longer than any of our limits."""


def all_cases(requests: Sequence[Request]) -> list[Case]:
    return [*at_every_request(requests), *inside_every_chunk(requests), *late(requests), *refused(requests),
            *silent(requests)]


def short_cases(requests: Sequence[Request]) -> list[Case]:
    """One of each kind, of those that take about a second; and one silence."""
    last = max(number for name, number, _ in requests if name == "chunk")
    wanted = {
        "start, reply lost", f"chunk {last}, reply lost", f"chunk {last}, killed after it",
        f"chunk {last}, killed after it, session expires", "chunk 2, killed inside it, session expires",
        "chunk 2, dropped inside it", "captions, killed after it",
        f"chunk {last}, killed inside it, the rest arrives 1 s later", f"chunk {last} arrives, then silence",
    }
    return [case for case in all_cases(requests) if case.name in wanted]


def at_every_request(requests: Sequence[Request]) -> Iterator[Case]:
    for name, number, _ in requests:
        label = f"{name} {number}" if name == "chunk" else name
        for expire in (False, True) if name in ("start", "chunk") else (False,):
            after = ", session expires" if expire else ""
            for when, lost, killed in (
                ("before", "request lost", "killed before it"), ("after", "reply lost", "killed after it")
            ):
                yield Case(f"{label}, {lost}{after}", Fault(name, number, when, expire=expire), kill=False)
                yield Case(f"{label}, {killed}{after}", Fault(name, number, when, expire=expire), kill=True)


def inside_every_chunk(requests: Sequence[Request]) -> Iterator[Case]:
    for number, length in ((number, length) for name, number, length in requests if name == "chunk"):
        for expire in (False, True):
            after = ", session expires" if expire else ""
            half = Fault("chunk", number, "within", length // 2, expire=expire)
            yield Case(f"chunk {number}, dropped inside it{after}", half, kill=False)
            yield Case(f"chunk {number}, killed inside it{after}", half, kill=True)
            for wait in (0.0, 1.0):
                fault = Fault("chunk", number, "within", min(length // 2, 16 * 1024), expire=expire, arrives=wait)
                when = f"{wait:g} s later" if wait else "at once"
                yield Case(f"chunk {number}, killed inside it, the rest arrives {when}{after}", fault, kill=True)


def late(requests: Sequence[Request]) -> Iterator[Case]:
    """The session is gone with the last chunk, and the channel lists the video late or not at all."""
    last = max(number for name, number, _ in requests if name == "chunk")
    for delay, label in ((2.5, "listed 2.5 s later"), (NEVER, "never listed")):
        for kill in (False, True):
            fault = Fault("chunk", last, "after", expire=True)
            what = "killed after it" if kill else "reply lost"
            yield Case(f"chunk {last}, {what}, session expires, {label}", fault, kill, list_delay=delay)


def refused(requests: Sequence[Request]) -> Iterator[Case]:
    """The server does what was asked, or does not, and answers that it is unwell."""
    for name, number, _ in requests:
        if name in ("start", "chunk"):
            for when in ("before", "after"):
                fault = Fault(name, number, when, status=503, reason="backendError")
                yield Case(f"{name} {number}, answered with 503 {when} it was done", fault, kill=False)


def silent(requests: Sequence[Request]) -> Iterator[Case]:
    last = max(number for name, number, _ in requests if name == "chunk")
    yield Case(f"chunk {last} arrives, then silence", Fault("chunk", last, "after", stall=SILENT), kill=False)
    yield Case("chunk 1 breaks off in silence", Fault("chunk", 1, "within", 300_000, stall=SILENT), kill=False)
