from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from pressrun.engine.admission import (
    MEMORY_SETTLING_TIME,
    RESERVED_MEMORY,
    Admission,
    memory_key,
    memory_needed,
    processors_needed,
)
from pressrun.engine.stop import StopToken
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.speech_models import MODELS
from pressrun.model.stage import Cost, Stage
from pressrun.pipelines.book_video import BOOK_VIDEO
from pressrun.store.measurements import Measurement

RENDER = Stage("render", "x", workers=2, cost=Cost(computes=True))
SHORTS = Stage("shorts", "x", cost=Cost(computes=True))
LARGE = Stage("render", "x", cost=Cost(computes=True, memory=650))
TTS = Stage("tts", "x", workers=4)


class Gate:
    """Stages that ask for their turn, each in a thread of its own, and what they waited for."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.stop = StopToken()
        self.inside: list[str] = []
        self.reasons: dict[str, list[Reason]] = {}
        self.give_back: dict[str, Callable[[], None]] = {}
        self._leave: dict[str, threading.Event] = {}
        self._threads: list[threading.Thread] = []

    def come(self, name: str, stage: Stage) -> None:
        """When this returns, the stage waits or runs."""
        self.reasons[name], self._leave[name] = [], threading.Event()
        before = self.waiting + len(self.inside)
        thread = threading.Thread(target=self._pass, args=(name, stage))
        self._threads.append(thread)
        thread.start()
        until(lambda: self.waiting + len(self.inside) > before)
        time.sleep(0.02)

    def leave(self, name: str) -> None:
        self._leave[name].set()
        until(lambda: name not in self.inside)

    @property
    def waiting(self) -> int:
        return sum(bool(reasons) for name, reasons in self.reasons.items() if name not in self.inside)

    def _pass(self, name: str, stage: Stage) -> None:
        processors, memory = stage.processors({}), memory_needed(stage, {}, {})
        with self.admission.turn(processors, memory, self.stop, self.reasons[name].append) as give_back:
            if give_back:
                self.give_back[name] = give_back
                self.inside.append(name)
                self._leave[name].wait(10)
                self.inside.remove(name)

    def close(self) -> None:
        self.stop.request("over")
        for leave in self._leave.values():
            leave.set()
        for thread in self._threads:
            thread.join()


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


@pytest.fixture
def gate() -> Callable[..., Gate]:
    with ExitStack() as stack:

        def make(limit: int = 0, cores: int = 2, free: Callable[[], int] = lambda: 64_000, **more: object) -> Gate:
            made = Gate(Admission(limit, cores, free, **more))  # type: ignore[arg-type]
            stack.callback(made.close)
            return made

        yield make


def test_a_render_waits_while_another_has_the_processors_and_reports_it(gate: Callable[..., Gate]) -> None:
    line = gate(cores=2)
    line.come("first", RENDER)
    line.come("second", RENDER)
    assert line.inside == ["first"]
    assert line.reasons["second"] == [Reason(ReasonKind.NO_FREE_PROCESSOR)]
    line.leave("first")
    until(lambda: line.inside == ["second"])


def test_as_many_run_at_once_as_the_processors_have_room_for(gate: Callable[..., Gate]) -> None:
    line = gate(cores=5)
    for name in ("first", "second", "third"):
        line.come(name, RENDER)
    assert line.inside == ["first", "second"]


def test_one_runs_on_any_machine(gate: Callable[..., Gate]) -> None:
    line = gate(cores=1, free=lambda: 0)
    line.come("first", Stage("render", "x", workers=8, cost=Cost(computes=True, memory=9000)))
    assert line.inside == ["first"]
    assert line.reasons["first"] == []


def test_the_setting_goes_before_the_processors(gate: Callable[..., Gate]) -> None:
    line = gate(limit=3, cores=1)
    for name in ("first", "second", "third", "fourth"):
        line.come(name, RENDER)
    assert len(line.inside) == 3


def test_stages_that_wait_for_an_answer_pass_at_once(gate: Callable[..., Gate]) -> None:
    line = gate(limit=1)
    line.come("render", RENDER)
    for name in ("a", "b", "c"):
        line.come(name, TTS)
    assert sorted(line.inside) == ["a", "b", "c", "render"]


def test_the_one_that_waited_longest_comes_first(gate: Callable[..., Gate]) -> None:
    line = gate(cores=3)
    line.come("running", RENDER)
    line.come("large", RENDER)
    line.come("small", SHORTS)
    assert line.inside == ["running"], "the small one would have room, and would hold up the large one"
    line.leave("running")
    until(lambda: sorted(line.inside) == ["large", "small"])


def test_a_render_waits_until_its_memory_is_free(gate: Callable[..., Gate]) -> None:
    free = [RESERVED_MEMORY + 300]
    line = gate(cores=8, free=lambda: free[0])
    line.come("running", SHORTS)
    line.come("large", LARGE)
    assert line.inside == ["running"]
    assert line.reasons["large"] == [Reason(ReasonKind.NOT_ENOUGH_MEMORY, {"needed": 650, "free": 300})]
    free[0] = RESERVED_MEMORY + 650
    until(lambda: "large" in line.inside)


def test_memory_of_a_stage_that_just_started_is_not_given_away_twice(gate: Callable[..., Gate]) -> None:
    now = [100.0]
    line = gate(cores=8, free=lambda: RESERVED_MEMORY + 1000, clock=lambda: now[0])
    line.come("first", LARGE)
    line.come("second", LARGE)
    assert line.reasons["second"] == [Reason(ReasonKind.NOT_ENOUGH_MEMORY, {"needed": 650, "free": 350})]
    now[0] += MEMORY_SETTLING_TIME
    until(lambda: "second" in line.inside)


def test_one_that_computes_no_more_lets_the_next_one_in_before_it_ends(gate: Callable[..., Gate]) -> None:
    line = gate(limit=1, free=lambda: RESERVED_MEMORY + 700)
    line.come("first", LARGE)
    line.come("second", LARGE)
    line.come("third", LARGE)
    assert line.inside == ["first"]
    line.give_back["first"]()
    until(lambda: line.inside == ["first", "second"])
    line.leave("first")
    time.sleep(0.1)
    assert line.inside == ["second"], "the place of the first was given back once"


def test_a_stop_ends_the_waiting(gate: Callable[..., Gate]) -> None:
    line = gate()
    line.come("first", RENDER)
    line.come("second", RENDER)
    line.stop.request("enough")
    until(lambda: not any(thread.is_alive() for thread in line._threads[1:]))
    assert line.inside == ["first"]


def test_a_stage_that_gave_up_blocks_no_other(gate: Callable[..., Gate]) -> None:
    admission = Admission(1)
    stop, already = StopToken(), StopToken()
    already.request("enough")
    with admission.turn(2, 0, already, lambda _: None) as give_back:
        assert give_back is None
    with admission.turn(2, 0, stop, lambda _: None) as give_back:
        assert give_back


@pytest.mark.parametrize(
    ("resolution", "least", "most"),
    [("320x180", 120, 200), ("720p", 274, 420), ("1080p", 600, 700), ("4K", 1351, 2300)],
)
def test_the_declared_memory_of_a_render_is_above_the_measured(resolution: str, least: int, most: int) -> None:
    render = BOOK_VIDEO.stages[BOOK_VIDEO.index("render")]
    assert least <= memory_needed(render, {"resolution": resolution}, {}) <= most


@pytest.mark.parametrize(
    ("transcriber", "kind", "computing"),
    [
        ("whisper", "media", {"transcribe": 4, "render": 2, "shorts": 1}),
        ("pocketsphinx", "media", {"transcribe": 1, "render": 2, "shorts": 1}),
        ("whisper", "captions", {"render": 2, "shorts": 1}),
        ("whisper", "", {"render": 2, "shorts": 1}),
        ("none", "media", {"render": 2, "shorts": 1}),
    ],
)
def test_the_stages_that_compute_are_those_that_say_so_for_this_book(
    tmp_path: Path, transcriber: str, kind: str, computing: dict[str, int]
) -> None:
    chosen = {"kind": kind} if kind else None
    (tmp_path / "search.json").write_text(json.dumps({"chosen": chosen}))
    services = {"source": "youtube", "transcriber": transcriber}
    needed = {stage.name: processors_needed(stage, services, tmp_path) for stage in BOOK_VIDEO.stages}
    assert {name: number for name, number in needed.items() if number} == computing


def test_a_file_that_cannot_be_read_is_left_for_the_stage_to_tell(tmp_path: Path) -> None:
    transcribe = BOOK_VIDEO.stages[BOOK_VIDEO.index("transcribe")]
    (tmp_path / "search.json").write_text("{")
    assert processors_needed(transcribe, {"transcriber": "whisper"}, tmp_path) == 0


def test_a_stage_needs_the_memory_of_the_service_in_use() -> None:
    tts = BOOK_VIDEO.stages[BOOK_VIDEO.index("tts")]
    assert memory_needed(tts, {}, {"voice": "kokoro"}) > memory_needed(tts, {}, {"voice": "espeak"}) == 0


@pytest.mark.parametrize(
    ("setting", "model"),
    [
        ("", "tiny.en"), ("small", "small"), ("Systran/faster-whisper-small", "small"), ("models/medium", "medium"),
        ("large-v3", "large-v3"), ("dropbox-dash/faster-whisper-large-v3-turbo", "large-v3-turbo"),
        ("/models/of-my-own", "tiny.en"),
    ],
)
def test_a_stage_needs_the_memory_of_the_model_in_use(setting: str, model: str) -> None:
    transcribe = BOOK_VIDEO.stages[BOOK_VIDEO.index("transcribe")]
    settings = {"whisper_model": setting}
    assert memory_needed(transcribe, settings, {"transcriber": "whisper"}) == MODELS[model].memory
    assert memory_needed(transcribe, settings, {"transcriber": "pocketsphinx"}) == 200
    assert memory_needed(transcribe, settings, {"transcriber": "none"}) == 0


def test_a_measured_peak_replaces_what_the_services_of_a_stage_declare() -> None:
    tts = BOOK_VIDEO.stages[BOOK_VIDEO.index("tts")]
    key = memory_key(tts, {}, {"voice": "kokoro"})
    assert memory_needed(tts, {}, {"voice": "kokoro"}, {key: Measurement(memory=1000)}) == 1100
    assert memory_needed(tts, {}, {"voice": "piper"}, {key: Measurement(memory=1000)}) == 300
    assert memory_key(tts, {}, {"voice": "espeak"}) == ""


def test_a_measured_peak_does_not_go_below_what_the_pictures_need() -> None:
    render = BOOK_VIDEO.stages[BOOK_VIDEO.index("render")]
    settings = {"resolution": "1080p", "video_codec": "h264"}
    key, declared = memory_key(render, settings, {}), memory_needed(render, settings, {})
    assert memory_needed(render, settings, {}, {key: Measurement(memory=100)}) == declared
    assert memory_needed(render, settings, {}, {key: Measurement(memory=1000)}) == 1100
    assert memory_key(render, {**settings, "resolution": "4K"}, {}) != key


def test_a_stage_that_runs_alone_waits_for_the_others_and_holds_them_back() -> None:
    admission, stop = Admission(limit=4, cores=4), StopToken()
    reasons: list[Reason] = []
    started, finish = threading.Event(), threading.Event()

    def run_alone() -> None:
        with admission.turn(0, 0, stop, reasons.append, alone=True):
            started.set()
            finish.wait(10)

    with admission.turn(1, 0, stop, lambda _: None):
        thread = threading.Thread(target=run_alone)
        thread.start()
        until(lambda: bool(reasons))
        assert not started.is_set()
    assert started.wait(5)
    waiting: list[Reason] = []
    other = threading.Thread(target=lambda: admission.turn(1, 0, stop, waiting.append).__enter__())
    other.start()
    until(lambda: bool(waiting))
    finish.set()
    for each in (thread, other):
        each.join(5)
        assert not each.is_alive()
