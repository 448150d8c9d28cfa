from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pressrun.errors import SettingsError
from pressrun.services.publishers.youtube.metadata import (
    content_digest,
    make_tag,
    parse_future_time,
    parse_publish_time,
    video_resource,
)


def test_privacy_and_both_declarations_are_always_said(place: Any) -> None:
    status = video_resource(place.package(), "tag", place.context())["status"]
    assert status == {"privacyStatus": "private", "selfDeclaredMadeForKids": False, "containsSyntheticMedia": True}
    assert video_resource(place.package(privacy=""), "tag", place.context())["status"]["privacyStatus"] == "private"


def test_settings_reach_the_video(place: Any) -> None:
    context = place.context(made_for_kids=True, synthetic_media=False, youtube_category=22)
    body = video_resource(place.package(privacy="unlisted"), "tag", context)
    assert body["status"] == {
        "privacyStatus": "unlisted", "selfDeclaredMadeForKids": True, "containsSyntheticMedia": False,
    }
    assert body["snippet"]["categoryId"] == "22"
    assert (body["snippet"]["defaultLanguage"], body["snippet"]["defaultAudioLanguage"]) == ("en", "en")


def test_texts_stay_inside_the_limits_and_have_no_angle_brackets(place: Any) -> None:
    package = place.package(title="<" + "é" * 200, description="> " + "é" * 4000)
    snippet = video_resource(package, "tag", place.context())["snippet"]
    assert len(snippet["title"]) == 100
    assert 4990 < len(snippet["description"].encode()) <= 5000
    assert not set("<>") & set(snippet["title"] + snippet["description"])


def test_tags_fit_together_and_ours_is_always_among_them(place: Any) -> None:
    tags = tuple(f"a tag number {number}" for number in range(60))
    package = place.package(script=replace(place.package().script, tags=("a, b", *tags, "walden", "walden")))
    found = video_resource(package, "pressrun-0123456789abcdef", place.context())["snippet"]["tags"]
    assert found[:3] == ["pressrun-0123456789abcdef", "a b", "a tag number 0"]
    assert 450 < sum(len(each) + (2 if " " in each else 0) for each in found) + len(found) - 1 <= 500


def test_the_tag_differs_by_marker_and_kind() -> None:
    assert len({make_tag("one", "video"), make_tag("one", "short"), make_tag("two", "video")}) == 3
    assert make_tag("one", "video") == make_tag("one", "video")


def test_the_digest_changes_with_the_video_and_with_every_word(place: Any) -> None:
    package = place.package()
    body = video_resource(package, "tag", place.context())
    first = content_digest(package, body)
    assert content_digest(package, video_resource(place.package(privacy="public"), "tag", place.context())) != first
    with package.video.open("r+b") as file:
        file.write(b"x")
    assert content_digest(package, body) != first


def test_a_time_goes_out_in_utc_and_the_video_stays_private_until_then(place: Any) -> None:
    status = video_resource(place.package(), "tag", place.context(publish_at="2099-12-24T18:00+01:00"))["status"]
    assert (status["publishAt"], status["privacyStatus"]) == ("2099-12-24T17:00:00Z", "private")


def test_a_time_that_passed_meanwhile_leaves_the_video_private_and_reports_it(place: Any) -> None:
    status = video_resource(place.package(), "tag", place.context(publish_at="2020-01-01T00:00Z"))["status"]
    assert "publishAt" not in status
    assert place.notes == ["The time set with publish_at passed before the video was ready; it stays private"]


@pytest.mark.parametrize(
    ("text", "privacy", "said"),
    [
        ("tomorrow", "private", '"tomorrow" is not a time'),
        ("2099-13-01T00:00Z", "private", "is not a time"),
        ("2099-01-01T18:00", "private", "no time zone"),
        ("2099-01-01T18:00Z", "public", "privacy to be private, but it is public"),
    ],
)
def test_times_that_cannot_be_used_are_named_with_the_form(text: str, privacy: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        parse_publish_time(text, privacy)
    assert caught.value.remedy


def test_a_time_in_the_past_is_rejected_beforehand() -> None:
    assert parse_future_time("", "public") is None
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert parse_future_time(soon.isoformat(), "private") == soon
    with pytest.raises(SettingsError, match="has passed"):
        parse_future_time("2020-01-01T00:00Z", "private")
