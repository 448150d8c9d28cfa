"""What holds for every publisher: what was published is found again, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.loopback.bucket import BUCKET, Bucket
from tests.loopback.youtube_api import YouTube, youtube_api

from pressrun.errors import PressrunError
from pressrun.model.script import Scene, Script
from pressrun.services.protocols import Context, Package, Publisher
from pressrun.services.publishers import PUBLISHERS
from pressrun.settings import ItemSettings, as_plain

PLACES = {"folder": "folder", "bucket-file": "bucket", "bucket-s3": "bucket", "youtube": "youtube"}
"""Name of a case -> the publisher in it."""
SCRIPT = Script(
    "A title", "Walden", "Henry David Thoreau", "en", "ltr", "Hook.", (Scene("One", "First."),), "Close.", "About.",
    ("walden",), "Short.", 120.0,
)

pytestmark = pytest.mark.parametrize("case", PLACES)


def test_every_publisher_has_a_case(case: str) -> None:
    assert set(PLACES.values()) == set(PUBLISHERS)


@pytest.fixture
def publisher(case: str) -> Publisher:
    return PUBLISHERS[PLACES[case]]


@pytest.fixture(scope="module")
def s3() -> Iterator[Bucket]:
    with Bucket() as bucket:
        yield bucket


@pytest.fixture
def youtube() -> Iterator[YouTube]:
    with youtube_api() as server:
        yield server


@pytest.fixture
def package(tmp_path: Path) -> Package:
    run = tmp_path / "run"
    run.mkdir()
    for name in ("video.mp4", "captions.srt", "thumbnail.jpg"):
        (run / name).write_bytes(name.encode() * 100)
    captions = (run / "captions.srt",)
    return Package(
        "video", run / "video.mp4", captions, run / "thumbnail.jpg", SCRIPT, "private", "A title", "About.",
    )


@pytest.fixture
def context(case: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Context:
    settings = as_plain(ItemSettings(publish_to=(tmp_path / "place").as_uri()))
    if case == "bucket-s3":
        for name, value in request.getfixturevalue("s3").environment.items():
            monkeypatch.setenv(name, value)
        settings["publish_to"] = f"s3://{BUCKET}/{tmp_path.name}"
    if case == "youtube":
        server = request.getfixturevalue("youtube")
        (tmp_path / "token.json").write_text(server.token_file())
        monkeypatch.setenv("PRESSRUN_YOUTUBE_TOKEN_FILE", str(tmp_path / "token.json"))
        monkeypatch.setenv("PRESSRUN_YOUTUBE_API", server.address)
    return Context(tmp_path / "workspace", settings)


def quiet(_done: float, _total: float, _unit: str) -> None:
    """Progress that nobody looks at."""


def test_what_was_published_is_found_by_its_marker(publisher: Publisher, package: Package, context: Context) -> None:
    assert publisher.find("one", package, context) is None
    receipt = publisher.publish(package, "one", quiet, context)
    assert publisher.find("one", package, context) == receipt
    assert publisher.find("two", package, context) is None
    assert (receipt.marker, receipt.publisher, receipt.privacy) == ("one", publisher.NAME, "private")
    assert "://" in receipt.url


def test_another_marker_is_another_copy(publisher: Publisher, package: Package, context: Context) -> None:
    first, second = (publisher.publish(package, marker, quiet, context) for marker in ("one", "two"))
    assert first.url != second.url
    assert publisher.find("one", package, context) == first


def test_a_short_is_not_mistaken_for_its_video(publisher: Publisher, package: Package, context: Context) -> None:
    video = publisher.publish(package, "one", quiet, context)
    short = replace(package, kind="short", thumbnail=None, related_url=video.url)
    assert publisher.find("one", short, context) is None
    assert publisher.publish(short, "one", quiet, context).url != video.url


def test_progress_ends_at_its_total(publisher: Publisher, package: Package, context: Context) -> None:
    told: list[tuple[float, float]] = []
    publisher.publish(package, "one", lambda done, total, _unit: told.append((done, total)), context)
    done = [each for each, _ in told]
    assert done == sorted(done)
    assert told[-1][0] == told[-1][1] > 0


def test_a_package_that_cannot_be_published_leaves_nothing_to_be_found(
    publisher: Publisher, package: Package, context: Context
) -> None:
    package.video.unlink()
    with pytest.raises((PressrunError, OSError)):
        publisher.publish(package, "one", quiet, context)
    assert publisher.find("one", package, context) is None
