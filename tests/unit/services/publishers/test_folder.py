"""The folder publisher: whole or not at all, found again by its marker, never over another publication."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from pressrun.errors import NoSpaceError, PublishError
from pressrun.model.script import Scene, Script
from pressrun.services.protocols import Context, Package
from pressrun.services.publishers import PUBLISHERS, folder

SCRIPT = Script(
    title="Walden in two minutes", book_title="Walden; or, Life in the Woods", author="Henry David Thoreau",
    language="en", direction="ltr", hook="A hook.", scenes=(Scene("One", "A scene."),), close="A close.",
    description="Notes on Walden.", tags=("walden", "nature"), short="A short.", target_seconds=60.0,
)


def quiet(done: float, total: float, unit: str) -> None:
    assert 0 <= done <= total
    assert unit == "bytes"


@pytest.fixture
def package(tmp_path: Path) -> Package:
    run = tmp_path / "run"
    run.mkdir()
    for name, size in (("video.mp4", 3_000_000), ("captions.srt", 40), ("captions.vtt", 50), ("thumbnail.jpg", 900)):
        (run / name).write_bytes(os.urandom(size))
    captions = (run / "captions.srt", run / "captions.vtt")
    return Package(
        "video", run / "video.mp4", captions, run / "thumbnail.jpg", SCRIPT, "unlisted", SCRIPT.title,
        SCRIPT.description,
    )


@pytest.fixture
def context(tmp_path: Path) -> Context:
    workspace = tmp_path / "work space%"
    workspace.mkdir()
    return Context(workspace, {})


def visible(context: Context) -> list[str]:
    place = context.workspace / "published"
    return sorted(path.name for path in place.iterdir()) if place.exists() else []


def failing(wrong: int, real: Callable[..., object], after: int) -> Callable[..., object]:
    calls = 0

    def fail(*args: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls > after:
            raise OSError(wrong, os.strerror(wrong))
        return real(*args, **named)

    return fail


def test_all_files_arrive_with_their_description(package: Package, context: Context) -> None:
    published = folder.publish(package, "m1", quiet, context)
    home = context.workspace / "published" / "Walden_or_Life_in_the_Woods"
    assert published.url == (home / "video.mp4").as_uri()
    assert "%20" in published.url
    assert "%25" in published.url
    assert Path(unquote(urlparse(published.url).path)).read_bytes() == package.video.read_bytes()
    assert sorted(path.name for path in home.iterdir()) == [
        "captions.srt", "captions.vtt", "metadata.json", "thumbnail.jpg", "video.mp4",
    ]
    metadata = json.loads((home / "metadata.json").read_text("utf-8"))
    assert metadata["title"] == SCRIPT.title
    assert metadata["tags"] == ["walden", "nature"]
    assert (metadata["privacy"], metadata["marker"], metadata["kind"]) == ("unlisted", "m1", "video")
    assert metadata["language"] == "en"


def test_it_is_found_again_by_only_its_marker(package: Package, context: Context) -> None:
    assert folder.find("m1", package, context) is None
    published = folder.publish(package, "m1", quiet, context)
    assert folder.find("m1", package, context) == published
    assert folder.find("m2", package, context) is None


def test_a_second_publication_never_touches_the_first(package: Package, context: Context) -> None:
    first = folder.publish(package, "m1", quiet, context)
    second = folder.publish(package, "m2", quiet, context)
    assert first.url != second.url
    assert visible(context) == ["Walden_or_Life_in_the_Woods", "Walden_or_Life_in_the_Woods_2"]
    assert folder.find("m1", package, context) == first


def test_a_short_with_the_marker_of_its_video_is_a_publication_of_its_own(package: Package, context: Context) -> None:
    video = folder.publish(package, "m1", quiet, context)
    short = Package(
        "short", package.video, (), None, SCRIPT, "private", "Walden #Shorts", "One thing.", related_url=video.url
    )
    assert folder.find("m1", short, context) is None
    folder.publish(short, "m1", quiet, context)
    assert visible(context) == ["Walden_or_Life_in_the_Woods", "Walden_or_Life_in_the_Woods_Short"]
    metadata = json.loads((context.workspace / "published/Walden_or_Life_in_the_Woods_Short/metadata.json").read_text())
    assert metadata["related_url"] == video.url


@pytest.mark.parametrize("after", range(8))
def test_a_full_disk_at_any_moment_leaves_nothing(
    package: Package, context: Context, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing(errno.ENOSPC, os.fsync, after))
        if after < 6:
            with pytest.raises(NoSpaceError, match="published"):
                folder.publish(package, "m1", quiet, context)
            assert visible(context) == []
            assert folder.find("m1", package, context) is None
    assert folder.publish(package, "m1", quiet, context).marker == "m1"


def test_what_a_killed_try_left_is_not_found_and_is_cleared_by_the_next(package: Package, context: Context) -> None:
    class Killed(BaseException):
        pass

    def die(done: float, total: float, unit: str) -> None:
        if done > 1_000_000:
            raise Killed

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("shutil.rmtree", lambda *args, **named: None)
        with pytest.raises(Killed):
            folder.publish(package, "m1", die, context)
    assert [name[0] for name in visible(context)] == ["."]
    assert folder.find("m1", package, context) is None
    folder.publish(package, "m1", quiet, context)
    assert visible(context) == ["Walden_or_Life_in_the_Woods"]


def test_a_publication_that_lost_its_video_is_not_complete(package: Package, context: Context) -> None:
    published = folder.publish(package, "m1", quiet, context)
    Path(unquote(urlparse(published.url).path)).unlink()
    assert folder.find("m1", package, context) is None


def test_a_broken_description_of_another_book_does_no_harm(package: Package, context: Context) -> None:
    other = context.workspace / "published" / "Other"
    other.mkdir(parents=True)
    (other / "metadata.json").write_text('{"marker": ')
    published = folder.publish(package, "m1", quiet, context)
    assert folder.find("m1", package, context) == published


def test_a_file_in_the_place_of_the_folder_is_named_with_a_remedy(package: Package, context: Context) -> None:
    (context.workspace / "published").write_text("mine")
    assert not folder.ready(context).ready
    with pytest.raises(PublishError, match="published") as caught:
        folder.publish(package, "m1", quiet, context)
    assert "folder" in caught.value.remedy
    assert (context.workspace / "published").read_text() == "mine"


def test_a_link_to_a_folder_elsewhere_is_followed(package: Package, context: Context, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (context.workspace / "published").symlink_to(elsewhere)
    published = folder.publish(package, "m1", quiet, context)
    assert (elsewhere / "Walden_or_Life_in_the_Woods" / "video.mp4").exists()
    assert folder.find("m1", package, context) == published


def test_an_edit_in_the_run_folder_does_not_change_what_was_published(package: Package, context: Context) -> None:
    published = folder.publish(package, "m1", quiet, context)
    before = Path(unquote(urlparse(published.url).path)).read_bytes()
    with package.video.open("r+b") as file:
        file.write(b"edited")
    assert Path(unquote(urlparse(published.url).path)).read_bytes() == before


def test_the_registry_knows_it() -> None:
    assert PUBLISHERS[folder.NAME] is folder
