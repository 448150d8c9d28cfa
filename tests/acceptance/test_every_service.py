"""One list, every service on the network: the real commands and client libraries against servers on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.loopback.language_model import Trouble
from tests.loopback.world import BOOK, World, world
from tests.loopback.youtube_api import Fault

STAGES = ("search", "transcribe", "process", "tts", "render", "upload", "shorts")
TITLE = BOOK.partition(" |")[0]


@pytest.fixture
def services(tmp_path_factory: pytest.TempPathFactory, workspace: Any) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("private")) as made:
        made.prepare(workspace.folder)
        del workspace.environment["PRESSRUN_PIPELINE"], workspace.environment["PRESSRUN_NETWORK"]
        workspace.environment |= made.environment
        yield made


class ProcessList:
    """All command lines that stood in the list of processes during the block."""

    def __enter__(self) -> ProcessList:
        self.lines: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            for process in psutil.process_iter(["cmdline"]):
                self.lines.add(" ".join(process.info["cmdline"] or ()))


def run_folder(workspace: Any) -> Path:
    (folder,) = (path for path in workspace.folder.glob("runs/[!.]*") if path.is_dir())
    return folder


def entry(workspace: Any) -> dict[str, Any]:
    (book,) = json.loads((workspace.folder / "database.json").read_text())["books"]
    assert isinstance(book, dict)
    return book


def summary(workspace: Any) -> dict[str, Any]:
    found = json.loads((run_folder(workspace) / "summary.json").read_text())
    assert isinstance(found, dict)
    return found


def leaks(text: str, canaries: tuple[str, ...]) -> list[str]:
    return [each for each in canaries if each in text]


@pytest.mark.timeout(180)
def test_one_command_goes_through_all_stages_with_every_service_on_the_network(workspace: Any, services: World) -> None:
    with ProcessList() as processes:
        done = workspace.run("run-batch", "--yes")
    assert done.returncode == 0, done.stderr
    assert summary(workspace) == dict.fromkeys(STAGES, "success")

    youtube, folder = services.youtube, run_folder(workspace)
    assert len(youtube.videos) == 2
    assert {video["status"]["privacyStatus"] for video in youtube.videos.values()} == {"private"}
    uploaded = set(youtube.contents.values())
    assert uploaded == {(folder / "video.mp4").read_bytes(), (folder / "short.mp4").read_bytes()}
    book = entry(workspace)
    assert book["status"] == "done"
    assert [url.rpartition("/")[2].rpartition("=")[2] for url in (book["youtube_url"], book["short_url"])] == list(
        youtube.videos
    )
    first, short = youtube.videos.values()
    assert services.site.url in first["snippet"]["description"], "the source is credited"
    assert book["youtube_url"] in short["snippet"]["description"]

    assert services.speech.asked, "gTTS spoke"
    assert json.loads((folder / "search.json").read_text())["chosen"]["name"].startswith(TITLE)
    assert json.loads((folder / "cover.json").read_text())["service"] == "openlibrary"
    facts = json.loads((folder / "stages.json").read_text())["process"]["facts"]
    assert facts["model"]
    assert int(facts["tokens_in"]) > 0

    # Every key, token and cookie was used, and stands nowhere.
    shown = [done.stdout, done.stderr, *processes.lines]
    kept = [path for path in workspace.folder.rglob("*") if path.is_file() and "account" not in path.parts]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in kept]
    assert leaks("\n".join([*shown, *texts, json.dumps(list(youtube.videos.values()))]), services.canaries) == []

    again = workspace.run("run-batch", "--yes")
    assert again.returncode == 0
    assert len(youtube.videos) == 2


def _refuse_the_key(services: World) -> Callable[[], None]:
    services.model.replies.extend([Trouble(401)] * 12)
    return services.model.replies.clear


def _use_up_the_quota(services: World) -> Callable[[], None]:
    services.youtube.faults.extend(Fault("start", nth, status=403, reason="quotaExceeded") for nth in range(1, 9))
    return services.youtube.faults.clear


@pytest.mark.timeout(180)
def test_a_service_that_rejects_fails_its_stage_with_a_remedy_and_the_next_run_resumes_there(
    workspace: Any, services: World
) -> None:
    for stage, refuse in (("process", _refuse_the_key), ("upload", _use_up_the_quota)):
        accept = refuse(services)
        failed = workspace.run("run-batch", "--yes", "--retries", "1", "--output-format", "json")
        assert failed.returncode == 1, failed.stderr
        (result,) = json.loads(failed.stdout)["failed"]
        assert result["stage"] == stage
        assert result["error"]
        assert "Traceback" not in failed.stderr
        assert leaks(failed.stdout + failed.stderr, services.canaries) == []
        records = json.loads((run_folder(workspace) / "stages.json").read_text())
        assert records[stage]["error"]["remedy"]
        assert "\n" not in records[stage]["error"]["message"]
        before = STAGES[: STAGES.index(stage)]
        done_and_failed = dict.fromkeys(before, "success") | {stage: "failed"}
        assert {name: state for name, state in summary(workspace).items() if state} == done_and_failed

        accept()
        done = workspace.run("run-batch", "--yes", "--until", stage)
        assert done.returncode == 0, done.stderr
        assert summary(workspace)[stage] == "success"
        now = json.loads((run_folder(workspace) / "stages.json").read_text())
        assert {name: now[name]["started"] for name in before} == {name: records[name]["started"] for name in before}
