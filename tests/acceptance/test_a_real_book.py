"""One book on the real pipeline, small and short: killed while its pictures are made, resumed, published, measured."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import av
import numpy as np
import pysubs2
import pytest
from tests.commands import user_environment
from tests.loopback.youtube_api import youtube_api

ROOT = Path(__file__).resolve().parents[2]
RUN_BATCH = Path(sys.executable).with_name("run-batch")
SMALL = ("--resolution", "320x180", "--target-seconds", "40", "--short-seconds", "10")
RATE = 8000


@dataclass(frozen=True)
class Made:
    """What the test run left: its rows, its run folder, and when the voice was made before and after the kill."""

    row: dict[str, Any]
    folder: Path
    voiced: tuple[str, str]

    def file(self, address: str) -> Path:
        return Path(unquote(urlsplit(self.row[address]).path))


def run_batch(workspace: Path, *flags: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [RUN_BATCH, "--workspace", workspace, "--yes", "--output-format", "json", *SMALL, *flags],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=user_environment(),
    )


def rows(process: subprocess.Popen[str]) -> dict[str, list[dict[str, Any]]]:
    output, _ = process.communicate(timeout=150)
    lists: dict[str, list[dict[str, Any]]] = json.loads(output)
    return lists


def voice_record(folder: Path) -> str:
    return json.dumps(json.loads((folder / "stages.json").read_text())["tts"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    workspace = tmp_path_factory.mktemp("real")
    (workspace / "sources").mkdir()
    source = ROOT / "examples" / "sources" / "walden.md"
    (workspace / "sources" / source.name).write_bytes(source.read_bytes())
    (workspace / "books.txt").write_text("Walden | Henry David Thoreau\n", encoding="utf-8")
    killed = run_batch(workspace)
    deadline = time.monotonic() + 60
    while not (half_made := list(workspace.glob("runs/*/video.part.mp4"))):
        assert time.monotonic() < deadline, "rendering never began"
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    folder = half_made[0].parent
    before = voice_record(folder)
    lists = rows(run_batch(workspace))
    assert len(lists["resumed"]) == 1, lists
    return Made(lists["resumed"][0], folder, (before, voice_record(folder)))


def load_sound(path: Path) -> np.ndarray[Any, Any]:
    """Mono samples at `RATE`."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(path)) as file:
        frames = [piece for frame in file.decode(audio=0) for piece in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(float)


def test_a_run_killed_while_rendering_resumes_at_render_without_speaking_again(made: Made) -> None:
    assert made.voiced[0] == made.voiced[1]
    assert set(json.loads((made.folder / "summary.json").read_text()).values()) == {"success"}
    assert not list(made.folder.glob("*.part.*"))


@pytest.mark.parametrize(("address", "size"), [("youtube_url", (320, 180)), ("short_url", (180, 320))])
def test_what_was_published_plays_to_its_end(made: Made, address: str, size: tuple[int, int]) -> None:
    with av.open(str(made.file(address))) as file:
        picture, sound = file.streams.video[0], file.streams.audio[0]
        assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        assert (picture.width, picture.height) == size
        frames = sum(1 for _ in file.decode(picture))
    heard = len(load_sound(made.file(address))) / RATE
    assert frames / 30 == pytest.approx(heard, abs=0.1)
    assert heard < 60 if address == "short_url" else heard > 25


def test_captions_begin_within_100_ms_of_the_voice(made: Made) -> None:
    """Wherever the voice begins after a pause, as the sound itself shows it, a caption begins too."""
    loud = np.abs(load_sound(made.file("youtube_url")))
    window = RATE // 100
    level = loud[: len(loud) // window * window].reshape(-1, window).max(axis=1) > loud.max() * 0.02
    quiet_for, onsets = 100, []
    for at, speaking in enumerate(level):
        if speaking and quiet_for >= 35:
            onsets.append(at / 100)
        quiet_for = 0 if speaking else quiet_for + 1
    captions = pysubs2.load(str(made.file("youtube_url").with_name("captions.srt")))
    starts = np.array([event.start / 1000 for event in captions])
    assert len(onsets) >= 5
    assert max(float(np.abs(starts - onset).min()) for onset in onsets) <= 0.1


def test_a_second_run_skips_the_book_at_once(made: Made) -> None:
    workspace = made.folder.parents[1]
    began = time.monotonic()
    lists = rows(run_batch(workspace))
    assert time.monotonic() - began < 2.0
    assert [row["youtube_url"] for row in lists["skipped"]] == [made.row["youtube_url"]]
    assert made.row["youtube_url"].startswith("file://")


def test_published_in_another_place_it_is_the_same_film_and_nothing_is_rebuilt(made: Made) -> None:
    workspace, bucket = made.folder.parents[1], made.folder.parents[1] / "bucket"
    films = {name: (made.folder / name).stat().st_mtime_ns for name in ("video.mp4", "short.mp4")}
    command = [str(RUN_BATCH.with_name("pressrun")), "publish", "Walden", "--workspace", str(workspace), "--yes"]
    target = ["--publisher", "bucket", "--publish-to", bucket.as_uri()]
    done = subprocess.run(
        [*command, *target], env=user_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {name: (made.folder / name).stat().st_mtime_ns for name in films} == films
    entry = json.loads((workspace / "database.json").read_text())["books"][0]
    for address, name in (("youtube_url", "video.mp4"), ("short_url", "short.mp4")):
        there = Path(unquote(urlsplit(entry[address]).path))
        assert there.is_relative_to(bucket)
        assert there.read_bytes() == (made.folder / name).read_bytes()
        assert made.file(address).is_file()


def test_published_on_youtube_too_its_uploads_are_counted_and_made_once(made: Made, tmp_path: Path) -> None:
    workspace = made.folder.parents[1]
    (tmp_path / "token.json").touch(mode=0o600)
    with youtube_api() as youtube:
        (tmp_path / "token.json").write_text(youtube.token_file())
        environment = {
            **user_environment(),
            "PRESSRUN_YOUTUBE_API": youtube.address,
            "PRESSRUN_YOUTUBE_TOKEN_FILE": str(tmp_path / "token.json"),
            "PRESSRUN_UPLOAD_LEDGER": str(tmp_path / "uploads.json"),
        }
        command = [str(RUN_BATCH.with_name("pressrun")), "publish", "Walden", "--workspace", str(workspace), "--yes"]
        first, second = (
            subprocess.run(
                [*command, "--publisher", "youtube"], env=environment, capture_output=True, text=True, timeout=90,
                check=False,
            )
            for _ in range(2)
        )
        assert first.returncode == 0, first.stderr
        assert "uploads left today" in first.stderr
        assert "already published to youtube" in second.stderr
        assert list(youtube.contents.values()) == [
            (made.folder / name).read_bytes() for name in ("video.mp4", "short.mp4")
        ]
        entry = json.loads((workspace / "database.json").read_text())["books"][0]
        assert [entry[name][-11:] for name in ("youtube_url", "short_url")] == list(youtube.videos)
        assert len(json.loads((tmp_path / "uploads.json").read_text())["uploads"]) == 2
