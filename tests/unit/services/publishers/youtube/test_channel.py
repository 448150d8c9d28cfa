from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.youtube_api import Fault

from pressrun.errors import NetworkError, PublishError
from pressrun.services.publishers.youtube.channel import find_upload
from pressrun.services.publishers.youtube.http import open_service

TODAY = datetime(2026, 11, 20, tzinfo=UTC)


def fill(place: Any, count: int, newest: datetime, step: timedelta = timedelta(minutes=1)) -> None:
    """A channel with uploads from old to new, each with a tag of its number."""
    for number in range(count):
        video_id = f"video{number:06d}"
        published = (newest - step * (count - 1 - number)).isoformat()
        snippet = {"tags": [f"pressrun-{number}"], "publishedAt": published}
        place.server.videos[video_id] = {"id": video_id, "snippet": snippet, "status": {"privacyStatus": "private"}}
        place.server.listed_after[video_id] = time.monotonic()


def test_an_upload_is_found_on_a_later_page(place: Any) -> None:
    fill(place, 120, TODAY)
    found = find_upload(open_service(), "pressrun-3", place.run)
    assert found is not None
    assert found["id"] == "video000003"


def test_the_search_ends_at_the_day_on_which_the_run_folder_was_made(place: Any) -> None:
    fill(place, 300, TODAY, timedelta(hours=2))
    assert find_upload(open_service(), "pressrun-none", place.run) is None
    assert place.names().count("uploads") == 2


def test_a_folder_without_a_date_is_searched_to_the_end(place: Any) -> None:
    fill(place, 300, TODAY, timedelta(days=1))
    assert find_upload(open_service(), "pressrun-none", Path("elsewhere")) is None
    assert place.names().count("uploads") == 6


def test_a_video_without_tags_is_not_ours(place: Any) -> None:
    fill(place, 2, TODAY)
    del place.server.videos["video000001"]["snippet"]["tags"]
    assert find_upload(open_service(), "pressrun-1", place.run) is None


def test_a_channel_without_an_upload_has_none_of_ours(place: Any) -> None:
    assert find_upload(open_service(), "pressrun-1", place.run) is None


def test_a_list_that_cannot_be_had_is_not_an_empty_list(place: Any) -> None:
    fill(place, 1, TODAY)
    place.server.faults.append(Fault("uploads", 1, status=403, reason="forbidden"))
    with pytest.raises(PublishError, match="list the uploads"):
        find_upload(open_service(), "pressrun-9", place.run)


def test_a_lost_reply_is_not_an_empty_list(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressrun.services.publishers.youtube.http.FIRST_RETRY_DELAY", 0.01)
    place.server.faults += [Fault("channels", number) for number in (1, 2, 3)]
    with pytest.raises(NetworkError):
        find_upload(open_service(), "pressrun-9", place.run)
    assert find_upload(open_service(), "pressrun-9", place.run) is None
