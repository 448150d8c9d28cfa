"""One video per publication, whatever is lost on the way; what a kill does to it is in `bench.upload_once`."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from tests.loopback.youtube_api import Fault

from pressrun import redaction
from pressrun.errors import BrokenFileError, NetworkError, PublishError, QuotaExceededError, UploadUnknownError
from pressrun.services.publishers import youtube
from pressrun.services.publishers.youtube import publishing

CHUNKS = ["chunk"] * 4


def quiet(done: float, total: float, unit: str) -> None:
    assert 0 <= done <= total
    assert unit == "bytes"


def publish(place: Any, kind: str = "video", marker: str = "m", **settings: Any) -> Any:
    return youtube.publish(place.package(kind), marker, quiet, place.context(**settings))


def test_the_file_arrives_byte_for_byte_and_the_receipt_names_it(place: Any) -> None:
    published = publish(place)
    (video_id,) = place.server.videos
    assert published.url == f"https://www.youtube.com/watch?v={video_id}"
    assert (published.publisher, published.marker, published.privacy) == ("youtube", "m", "private")
    assert place.server.contents[video_id] == (place.run / "video.mp4").read_bytes()
    assert place.names() == ["start", *CHUNKS, "thumbnail", "captions"]
    assert place.notes == []


def test_a_first_find_asks_the_channel_and_a_later_one_only_the_record(place: Any) -> None:
    assert youtube.find("m", place.package(), place.context()) is None
    published = publish(place)
    before = len(place.server.seen)
    assert youtube.find("m", place.package(), place.context()) == published
    assert len(place.server.seen) == before


def test_without_a_record_the_channel_knows_it_by_its_tag(place: Any) -> None:
    published = publish(place)
    place.record_file.unlink()
    assert youtube.find("m", place.package(), place.context()) == published
    assert youtube.find("other", place.package(), place.context()) is None
    assert len(place.server.captions) == 1
    assert place.record()["state"] == "sent"


@pytest.mark.parametrize(
    ("fault", "state", "session"),
    [
        (Fault("start"), "intent", False),
        (Fault("chunk", 1, "within", bytes_before=1), "session", True),
        (Fault("chunk", 3, "within", bytes_before=1), "session", True),
        (Fault("chunk", 4, "within", bytes_before=1), "finishing", True),
    ],
)
def test_what_is_about_to_happen_is_on_the_disk_before_it_does(
    place: Any, fault: Fault, state: str, session: bool
) -> None:
    found = {}
    fault.action = lambda: found.update(place.record(), mode=place.record_file.stat().st_mode & 0o777)
    place.server.faults.append(fault)
    publish(place)
    assert (found["state"], bool(found["session"]), found["mode"]) == (state, session, 0o600)
    assert len(place.server.videos) == 1
    assert redaction.redact(found["session"]) in ("", redaction.HIDDEN)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_lost_reply_to_a_chunk_is_requested_and_no_byte_goes_twice(place: Any, number: int) -> None:
    place.server.faults.append(Fault("chunk", number, "after"))
    publish(place)
    assert place.names().count("ask") == 1
    assert place.names().count("chunk") == 4
    assert place.server.received() == place.record()["size"]
    assert len(place.server.videos) == 1


def test_a_reply_lost_is_never_sent_again_by_the_library_itself(place: Any) -> None:
    place.server.faults.append(Fault("start", 1, "after"))
    publish(place)
    assert place.names()[:3] == ["start", "start", "chunk"]
    assert len(place.server.videos) == 1


def test_a_chunk_that_breaks_off_continues_where_the_server_stopped(place: Any) -> None:
    place.server.faults.append(Fault("chunk", 2, "within", bytes_before=700_000))
    publish(place)
    again = place.server.received() - place.record()["size"]
    assert 0 < again < 256 * 1024
    asked = [each.detail for each in place.server.seen if each.name == "chunk"]
    assert asked[2].startswith(f"bytes {1024 * 1024 + 512 * 1024}-")


def test_a_session_that_ends_before_the_last_chunk_is_replaced_by_another(place: Any) -> None:
    place.server.faults.append(Fault("chunk", 3, "after", expire=True))
    publish(place)
    assert len(place.server.sessions) == 2
    assert len(place.server.videos) == 1


def test_a_question_that_is_rejected_is_the_same_as_a_session_that_is_gone(place: Any) -> None:
    place.server.faults += [Fault("chunk", 2, "after"), Fault("ask", 1, "before", status=400, reason="badRequest")]
    publish(place)
    assert (len(place.server.sessions), len(place.server.videos)) == (2, 1)


def test_a_session_that_ends_with_the_last_chunk_is_settled_by_the_channel(place: Any) -> None:
    place.server.list_delay = 0.05
    place.server.faults.append(Fault("chunk", 4, "after", expire=True))
    assert publish(place).url.endswith(next(iter(place.server.videos)))
    assert len(place.server.sessions) == 1


def test_where_nobody_can_tell_it_stops_and_names_the_way_out(place: Any) -> None:
    place.server.list_delay = 3600
    place.server.faults.append(Fault("chunk", 4, "after", expire=True))
    with pytest.raises(UploadUnknownError, match="unknown") as caught:
        publish(place)
    assert not caught.value.retryable
    assert 'pressrun resolve "Walden" --url URL, or --not-published' in caught.value.remedy
    assert place.record()["state"] == "unknown"
    with pytest.raises(UploadUnknownError):
        publish(place)
    assert len(place.server.sessions) == 1


def test_an_unknown_upload_that_is_listed_later_is_done(place: Any) -> None:
    test_where_nobody_can_tell_it_stops_and_names_the_way_out(place)
    place.server.listed_after = dict.fromkeys(place.server.videos, 0.0)
    assert youtube.find("m", place.package(), place.context()) is None
    publish(place)
    assert (len(place.server.sessions), place.record()["state"]) == (1, "sent")


def test_the_word_that_it_was_not_published_allows_a_new_session(place: Any) -> None:
    place.server.faults.append(Fault("chunk", 4, "before", expire=True))
    with pytest.raises(UploadUnknownError):
        publish(place)
    place.record_file.unlink()
    publish(place)
    assert len(place.server.videos) == 1


def test_a_later_try_asks_first_and_sends_only_the_rest(place: Any) -> None:
    place.server.faults.append(Fault("chunk", 3, "before", status=400, reason="badRequest"))
    with pytest.raises(PublishError):
        publish(place)
    publish(place)
    names = place.names()
    assert names[names.index("ask") - 1] == "chunk"
    assert names.count("start") == 1
    assert len(place.server.videos) == 1


def fail_at(place: Any, number: int) -> None:
    place.server.faults.append(Fault("chunk", number, "before", status=400, reason="badRequest"))
    with pytest.raises(PublishError):
        publish(place)


def test_a_session_never_continues_with_another_privacy(place: Any) -> None:
    place.server.faults.append(Fault("chunk", 3, "before", status=400, reason="badRequest"))
    with pytest.raises(PublishError):
        youtube.publish(place.package(privacy="public"), "m", quiet, place.context())
    publish(place)
    (video,) = place.server.videos.values()
    assert video["status"]["privacyStatus"] == "private"
    assert len(place.server.sessions) == 2


def test_another_video_waits_until_nothing_of_the_first_can_still_arrive(place: Any) -> None:
    fail_at(place, 4)
    (place.run / "video.mp4").write_bytes(os.urandom(900_000))
    with pytest.raises(NetworkError, match="may still be arriving"):
        publish(place)
    old = time.time() - publishing.IN_FLIGHT_SECONDS - 1
    os.utime(place.record_file, (old, old))
    publish(place)
    (content,) = place.server.contents.values()
    assert content == (place.run / "video.mp4").read_bytes()


def test_a_video_that_was_there_before_its_last_change_stays_as_it_is(place: Any) -> None:
    place.server.faults += [Fault("chunk", 4, "after"), Fault("ask", 1, "before", status=403, reason="forbidden")]
    with pytest.raises(PublishError):
        publish(place)
    (place.run / "video.mp4").write_bytes(os.urandom(900_000))
    publish(place)
    assert len(place.server.videos) == 1
    assert any("before its last change" in note for note in place.notes)


def test_a_server_that_has_all_and_does_not_say_so_is_asked_again(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    finish, calls = place.server.finish, []

    def late(session: Any) -> str:
        calls.append(session)
        return str(finish(session)) if len(calls) > 1 else ""

    def state(handler: Any, session: Any, real: Any = None) -> Any:
        if len(session.data) == session.size and place.names().count("ask") > 1:
            place.server.finish(session)
        return original(handler, session)

    from tests.loopback import youtube_api

    original = youtube_api._Handler._state_of
    monkeypatch.setattr(youtube_api._Handler, "_state_of", state)
    monkeypatch.setattr(place.server, "finish", late)
    publish(place)
    assert len(place.server.videos) == 1
    assert place.server.received() == place.record()["size"]


def test_a_copy_that_was_requested_is_another_video(place: Any) -> None:
    first = publish(place, marker="trial-upload-1")
    assert youtube.find("trial-upload-2", place.package(), place.context()) is None
    assert publish(place, marker="trial-upload-2").url != first.url
    assert len(place.server.videos) == 2


def test_a_record_that_cannot_be_read_stops_before_anything_is_asked(place: Any) -> None:
    publish(place)
    before = len(place.server.seen)
    place.record_file.write_text('{"state": "ses')
    for call in (lambda: publish(place), lambda: youtube.find("m", place.package(), place.context())):
        with pytest.raises(BrokenFileError, match=r"youtube\.json"):
            call()
    assert len(place.server.seen) == before


def test_a_short_has_an_address_of_its_own_and_no_thumbnail(place: Any) -> None:
    published = publish(place, kind="short")
    assert published.url.startswith("https://www.youtube.com/shorts/")
    assert not place.server.thumbnails


def test_a_token_that_is_rejected_in_the_middle_is_renewed_once(place: Any) -> None:
    place.server.faults.append(Fault("chunk", 2, "before", status=401, reason="authError"))
    publish(place)
    assert place.server.names().count("token") == 2
    assert len(place.server.videos) == 1


def test_passing_refusals_are_waited_out_and_others_are_not(place: Any) -> None:
    place.server.faults += [Fault("start", 1, status=503), Fault("chunk", 2, status=429), Fault("chunk", 4, status=500)]
    publish(place)
    assert len(place.server.videos) == 1


def test_a_server_that_stays_unwell_ends_as_an_error_that_can_pass(place: Any) -> None:
    place.server.faults += [Fault("start", number, status=503) for number in range(1, 9)]
    with pytest.raises(NetworkError, match="503") as caught:
        publish(place)
    assert caught.value.retryable
    assert place.record()["state"] == "intent"


def test_a_spent_quota_is_named_and_nothing_is_sent(place: Any) -> None:
    place.server.faults.append(Fault("start", 1, status=403, reason="quotaExceeded"))
    with pytest.raises(QuotaExceededError, match="quota") as caught:
        publish(place)
    assert not caught.value.retryable
    assert "tomorrow" in caught.value.remedy
    assert place.server.sessions == []
    publish(place)


def test_a_privacy_that_youtube_changed_is_reported_and_kept_in_the_receipt(place: Any) -> None:
    place.server.forget_privacy = "private"
    published = youtube.publish(place.package(privacy="public"), "m", quiet, place.context())
    assert published.privacy == "private"
    assert any("has not audited" in note for note in place.notes)


@pytest.mark.parametrize("content", [None, b""])
def test_a_video_that_is_not_there_is_named(place: Any, content: bytes | None) -> None:
    (place.run / "video.mp4").unlink()
    if content is not None:
        (place.run / "video.mp4").write_bytes(content)
    with pytest.raises(PublishError, match=r"video\.mp4"):
        publish(place)
    assert place.server.seen == []
