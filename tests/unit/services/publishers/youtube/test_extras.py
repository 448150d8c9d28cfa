"""Thumbnail, captions and playlist: each once, and none of them fails a book."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.loopback.youtube_api import Fault

from pressrun.services.publishers import youtube
from pressrun.services.publishers.youtube import extras


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "RETRY_DELAY", 0.01)


def quiet(_done: float, _total: float, _unit: str) -> None:
    """Progress that nobody looks at."""


def publish(place: Any) -> Any:
    return youtube.publish(place.package(), "m", quiet, place.context(youtube_playlist="PL1"))


def test_each_is_added_once(place: Any) -> None:
    publish(place)
    (video_id,) = place.server.videos
    assert dict(place.server.thumbnails) == {video_id: 1}
    (track,) = place.server.captions
    assert (track["videoId"], track["language"], track["isDraft"]) == (video_id, "en", False)
    assert track["text"].decode().strip() == "captions.srt: A hook."
    assert [each["resourceId"]["videoId"] for each in place.server.playlist] == [video_id]
    record = place.record()
    assert [record[name] for name in ("thumbnail", "captions", "playlist")] == ["done"] * 3


@pytest.mark.parametrize("name", ["thumbnail", "captions", "playlist"])
def test_a_lost_reply_is_requested_and_adds_none_twice(place: Any, name: str) -> None:
    place.server.faults.append(Fault(name, 1, "after"))
    publish(place)
    assert (len(place.server.captions), len(place.server.playlist)) == (1, 1)
    assert place.record()[name] == "done"
    assert place.notes == []


@pytest.mark.parametrize("name", ["thumbnail", "captions", "playlist"])
def test_one_that_is_rejected_is_a_note_and_the_others_are_added(place: Any, name: str) -> None:
    place.server.faults.append(Fault(name, 1, status=403, reason="forbidden"))
    published = publish(place)
    assert published.url
    assert len(place.notes) == 1
    assert place.notes[0].startswith(f"The video is published without its {name}: ")
    others = {"thumbnail", "captions", "playlist"} - {name}
    assert {place.record()[each] for each in others} == {"done"}


@pytest.mark.parametrize("name", ["thumbnail", "captions", "playlist"])
def test_the_next_try_adds_what_is_missing_and_nothing_else(place: Any, name: str) -> None:
    place.server.faults.append(Fault(name, 1, status=403, reason="forbidden"))
    publish(place)
    before = len(place.server.seen)
    youtube.find("m", place.package(), place.context(youtube_playlist="PL1"))
    assert place.record()[name] == "done"
    assert {"thumbnail", "captions", "playlist"} & set(place.server.names()[before:]) == {name}
    assert (len(place.server.captions), len(place.server.playlist)) == (1, 1)


def test_what_was_started_before_a_kill_is_requested(place: Any) -> None:
    publish(place)
    begun = place.record() | {"captions": "begun", "playlist": "begun"}
    place.record_file.write_text(json.dumps(begun))
    youtube.find("m", place.package(), place.context(youtube_playlist="PL1"))
    assert (len(place.server.captions), len(place.server.playlist)) == (1, 1)


def test_captions_that_exist_already_are_no_failure(place: Any) -> None:
    place.server.faults.append(Fault("captions", 1, status=409, reason="captionExists"))
    publish(place)
    assert place.notes == []


def test_captions_stay_at_home_where_the_setting_reports_it(place: Any) -> None:
    youtube.publish(place.package(), "m", quiet, place.context(youtube_captions=False))
    assert place.server.captions == []
    assert place.names()[-1] == "thumbnail"


def test_without_captions_thumbnail_and_playlist_nothing_is_asked(place: Any) -> None:
    bare = replace(place.package(), captions=(), thumbnail=None)
    youtube.publish(bare, "m", quiet, place.context())
    assert place.names()[-1] == "chunk"
