"""`ASKING`: the seven stages by name, in small: each asks a server on this machine so many times, then computes.

How often each asks and how long it computes is about a third of what was counted of the real stages for a book in
pictures of 320x180: 28 requests, the parts of the voice four at a time, and 9.9 s of processor time.
"""

from __future__ import annotations

import os
import time
from urllib.request import urlopen

from pressrun.model.stage import Cost, Stage, pipeline
from pressrun.stages.work import Work

ADDRESS_VARIABLE = "BENCH_SERVER"
_RUN = "bench.working.pipeline"
ASKS = {"search": 1, "transcribe": 1, "process": 1, "tts": 1, "render": 1, "upload": 3, "shorts": 2}
COMPUTES = {
    "search": 0.1, "transcribe": 0.3, "process": 0.6, "tts": 0.5, "render": 0.5, "upload": 0.05, "shorts": 0.4,
}
"""Seconds of processor time."""

ASKING = pipeline(
    "asking",
    *(Stage(name, _RUN, makes=(f"{name}.json",), cost=Cost(computes=name in ("render", "shorts"))) for name in ASKS),
)


def run(work: Work) -> None:
    for _ in range(ASKS[work.stage]):
        with urlopen(os.environ[ADDRESS_VARIABLE], timeout=60) as answer:
            answer.read()
    end = time.process_time() + COMPUTES[work.stage]
    number = 0
    while time.process_time() < end:
        number = sum(range(1000))
    work.save(f"{work.stage}.json", {"number": number})
