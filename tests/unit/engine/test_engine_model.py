"""The specification of the engine: whatever is killed, changed or edited, in any order, nothing is done twice.

Two books, four stages, the last of which publishes. Hypothesis kills the run at any write, changes settings, edits the
database, loses products and runs again. The stages run inside this process, so that a thousand runs take seconds; the
kills of real processes are in `tests/faults`.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.size import examples

from pressrun.engine.batch import run_batch
from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.plan import make_plan
from pressrun.engine.process_runner import EventHandler, ProcessResult, StageProcess
from pressrun.engine.stop import StopToken
from pressrun.model.book import Book
from pressrun.model.plan import RunOptions, ServiceChoice
from pressrun.model.stage import Stage, pipeline
from pressrun.settings import ItemSettings, RunSettings, Settings
from pressrun.store import json_files
from pressrun.store.atomic import atomic_output
from pressrun.store.workspace import Workspace

FOUR = pipeline(
    "four",
    Stage("write", "-", makes=("script.json",), settings=("language",), services=("writer",)),
    Stage("speak", "-", needs=("script.json",), makes=("voice.wav",), settings=("speech_rate",), services=("voice",)),
    Stage("draw", "-", needs=("script.json", "voice.wav"), makes=("video.mp4",), settings=("style",)),
    Stage(
        "publish",
        "-",
        needs=("video.mp4",),
        makes=("upload.json",),
        settings=("privacy",),
        publishes="youtube_url",
        receipt="upload.json",
    ),
)
BOOKS = (Book("Emma", "Jane Austen"), Book("Ulysses"))


class Killed(BaseException):
    """The process is gone from here on."""


@dataclass
class World:
    """What is outside the program: the place that publishes, and the power switch."""

    published: list[tuple[str, str]] = field(default_factory=list)
    """(book, marker), in the order in which they went public."""
    ran: list[tuple[str, str, str]] = field(default_factory=list)
    """(run folder, stage, its inputs) of every start."""
    writes_left: int | None = None

    def tick(self) -> None:
        if self.writes_left is not None:
            self.writes_left -= 1
            if self.writes_left < 0:
                raise Killed


class InProcess:
    """Runs the four stages here. Every step of theirs is a place to be killed at."""

    def __init__(self, world: World, workspace: Workspace) -> None:
        self.world, self.workspace = world, workspace

    def run(self, process: StageProcess, stop: StopToken, on_event: EventHandler) -> ProcessResult:
        task = json.loads(process.environment["PRESSRUN_TASK"])
        folder = Path(process.argv[-1])
        item = json.loads((folder / "item.json").read_text())
        stage = FOUR.stages[FOUR.index(task["stage"])]
        inputs = inputs_of(stage, folder)
        self.world.tick()
        self.world.ran.append((folder.name, stage.name, inputs))
        if stage.publishes:
            self.publish(folder, item["title"], task["marker"])
        else:
            with atomic_output(folder / stage.makes[0]) as path:
                path.write_text(f"{stage.name} of {inputs}")
                self.world.tick()
        self.world.tick()
        return ProcessResult(status=0)

    def publish(self, folder: Path, title: str, marker: str) -> None:
        if marker not in [known for _, known in self.world.published]:
            self.world.published.append((title, marker))
        self.world.tick()
        json_files.save(folder / "upload.json", {"url": f"https://videos.example/{marker}"})

    def close(self) -> None:
        return None


def inputs_of(stage: Stage, folder: Path) -> str:
    """All that the stage may depend on, worked out without the engine's help."""
    item = json.loads((folder / "item.json").read_text())
    return json.dumps(
        [
            stage.name,
            [item["settings"][name] for name in stage.settings],
            [item["services"][kind] for kind in stage.services],
            [(folder / need).read_text() for need in stage.needs],
        ]
    )


def finished_stages(workspace: Workspace, world: World) -> set[tuple[str, str, str]]:
    """(run folder, stage, inputs) of what the checkpoints call a success, made of what is there now."""
    finished = set()
    last = {(folder, stage): inputs for folder, stage, inputs in world.ran}
    for summary in workspace.runs.glob("*/summary.json"):
        checkpoint = json.loads(summary.read_text())
        for stage in FOUR.stages:
            if checkpoint[stage.name] == "success" and all((summary.parent / name).exists() for name in stage.makes):
                with suppress(FileNotFoundError):
                    now = inputs_of(stage, summary.parent)
                    if last[summary.parent.name, stage.name] == now:
                        finished.add((summary.parent.name, stage.name, now))
    return finished


@contextmanager
def power(world: World, writes: int | None) -> Iterator[None]:
    """Lets `writes` durable writes through, and kills at the next."""
    fsync, rename = os.fsync, Path.replace

    def counted_fsync(descriptor: int) -> None:
        world.tick()
        fsync(descriptor)

    def counted_replace(self: Path, target: Path) -> Path:
        world.tick()
        return rename(self, target)

    world.writes_left = writes
    with patch("os.fsync", counted_fsync), patch.object(Path, "replace", counted_replace):
        try:
            yield
        finally:
            world.writes_left = None


class Engine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.workspace = Workspace(Path(self.folder.name).resolve())
        self.world = World()
        self.wanted: dict[str, object] = {}
        self.copies_wanted = Counter({book.title: 1 for book in BOOKS})
        self.own_fields: set[str] = set()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.run_to_the_end()
            self.folder.cleanup()

    @rule(writes=st.one_of(st.none(), st.integers(0, 120)), until=st.sampled_from([None, None, "speak", "draw"]))
    def run(self, writes: int | None, until: str | None) -> None:
        self.run_batch(RunOptions(until=until), writes)

    @rule(writes=st.integers(0, 60), start_at=st.sampled_from(["write", "speak", "draw"]))
    def run_again_from(self, writes: int, start_at: str) -> None:
        self.run_batch(RunOptions(start_at=start_at), writes)

    @rule(writes=st.one_of(st.none(), st.integers(0, 120)))
    def run_without_skipping(self, writes: int | None) -> None:
        self.run_batch(RunOptions(skip_completed=False), writes)

    @rule(writes=st.one_of(st.none(), st.integers(0, 60)))
    def publish_again(self, writes: int | None) -> None:
        self.run_batch(RunOptions(start_at="publish", publish_again=True), writes)

    @rule(
        change=st.sampled_from(
            [
                {"style": "classic"},
                {"style": "modern"},
                {"speech_rate": 200},
                {"voice": "gtts"},
                {"voice": "espeak"},
                {"privacy": "public"},
            ]
        )
    )
    def change_a_setting(self, change: dict[str, object]) -> None:
        self.wanted |= change

    @precondition(lambda self: self.workspace.database.exists())
    @rule(which=st.integers(0, 1), edit=st.sampled_from(["remove", "null", "processing", "no folder", "own field"]))
    def edit_the_database(self, which: int, edit: str) -> None:
        document = json.loads(self.workspace.database.read_text())
        if which >= len(document["books"]):
            return
        entry = document["books"][which]
        if edit == "remove":
            self.own_fields.discard(entry["main_title"])
            document["books"].remove(entry)
        elif edit == "own field":
            entry["shelf"] = "mine"
            self.own_fields.add(entry["main_title"])
        elif edit == "no folder":
            entry["run_folder"] = None
        else:
            entry["status"] = None if edit == "null" else edit
        self.workspace.database.write_text(json.dumps(document))

    @rule(name=st.sampled_from(["script.json", "voice.wav", "video.mp4"]))
    def lose_a_product(self, name: str) -> None:
        for path in sorted(self.workspace.runs.glob(f"*/{name}"))[:1]:
            path.unlink()

    @invariant()
    def nothing_is_published_twice(self) -> None:
        if hasattr(self, "world"):
            for title, copies in Counter(title for title, _ in self.world.published).items():
                assert copies <= self.copies_wanted[title], f"{title} was published {copies} times"

    @invariant()
    def the_database_is_whole_and_has_no_duplicates(self) -> None:
        if hasattr(self, "workspace") and self.workspace.database.exists():
            books = json.loads(self.workspace.database.read_text())["books"]
            titles = [entry["main_title"] for entry in books]
            assert len(titles) == len(set(titles))
            assert {entry["main_title"] for entry in books if entry.get("shelf") == "mine"} == self.own_fields

    def run_to_the_end(self) -> None:
        self.run_batch(RunOptions(), None)
        document = json.loads(self.workspace.database.read_text())
        assert {entry["status"] for entry in document["books"]} == {"done"}
        published = {f"https://videos.example/{marker}" for _, marker in self.world.published}
        assert all(entry["youtube_url"] in published for entry in document["books"])
        self.nothing_is_published_twice()

    def run_batch(self, options: RunOptions, writes: int | None) -> None:
        chosen = Settings(ItemSettings(**self.wanted), RunSettings(delay=0), frozenset(self.wanted))  # type: ignore[arg-type]
        services = [
            ServiceChoice("voice", str(self.wanted.get("voice", "espeak")), ""),
            ServiceChoice("writer", "w", ""),
        ]
        finished = finished_stages(self.workspace, self.world)
        before = len(self.world.ran)
        with power(self.world, writes):
            try:
                spec = BatchSpec(self.workspace, FOUR, chosen, options)
                plan = make_plan(BOOKS, spec, services)
                self.allow_copies(plan)
                run_batch(plan, spec, runner=InProcess(self.world, self.workspace))
            except Killed:
                pass
        started = self.world.ran[before:]
        if options.start_at is None:
            assert not finished & set(started), "a finished stage ran again"
        assert len(started) == len(set(started)), "a stage ran twice in one batch"

    def allow_copies(self, plan: object) -> None:
        """Only a row that warned of a second copy may publish one."""
        for row in plan.rows:  # type: ignore[attr-defined]
            if row.decision.publishes_again or (row.action == "process" and row.is_second_copy):
                self.copies_wanted[row.book.title] += 1


Engine.TestCase.settings = settings(
    max_examples=examples(120), stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
TestEngine = Engine.TestCase
