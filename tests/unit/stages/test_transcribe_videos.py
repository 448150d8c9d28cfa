"""transcribe with videos: the next candidate where one has nothing, and sound as the last resort."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.video_site import SENTENCES, Clip, Trouble, VideoSite

from pressrun.errors import NetworkError, OutdatedLibraryError, SourceError
from pressrun.model.book import Book
from pressrun.model.script import Segment, SourceMatch, Transcript
from pressrun.services.protocols import Readiness
from pressrun.services.transcribers import TRANSCRIBERS
from pressrun.settings import ItemSettings, as_plain
from pressrun.stages import search, transcribe
from pressrun.stages.work import Declared, EventPipe, Work

TITLE = "The Keeper of the Lamp by Ann Harbour"
HEARD = Segment("word " * 50, 0.0, 9.0)


class Ear:
    """A transcriber that hears fifty words in everything."""

    NAME = "ear"
    NEEDS_NETWORK = False
    LOW_QUALITY = True

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.readiness = Readiness(True, "an ear")

    def ready(self, context: Any) -> Readiness:
        return self.readiness

    def write_down(self, media: Path, language: str, progress: Any, context: Any) -> tuple[Segment, ...]:
        self.heard.append((media.suffix, language))
        return (HEARD,)


class Desk:
    """A run folder on a site, and what the stages told."""

    def __init__(self, site: VideoSite, workspace: Path) -> None:
        self.site = site
        self.workspace = workspace
        self.folder = workspace / "run"
        self.folder.mkdir()
        self.reading, self.writing = os.pipe()

    def work(self, stage: str, transcriber: str = "none", **settings: Any) -> Work:
        values = {**as_plain(ItemSettings()), "search_phrases": "{title}", **self.site.settings, **settings}
        services = Declared({"source": "youtube", "transcriber": transcriber}, stage, "service")
        return Work(
            self.folder, self.workspace, Book("The Keeper of the Lamp", "Ann Harbour"), stage, "m",
            Declared(values, stage, "setting"), services, events=EventPipe(self.writing),
        )

    def search(self, *clips: Clip, **settings: Any) -> SourceMatch:
        self.site.clips = clips
        work = self.work("search", **settings)
        search.run(work)
        return work.load("search.json", SourceMatch)

    def transcribe(self, transcriber: str = "none", **settings: Any) -> Transcript:
        work = self.work("transcribe", transcriber, **settings)
        transcribe.run(work)
        return work.load("transcript.json", Transcript)

    def told(self, kind: str) -> list[dict[str, Any]]:
        os.close(self.writing)
        with os.fdopen(self.reading) as pipe:
            return [event for event in map(json.loads, pipe) if event["event"] == kind]

    def asked(self, what: str) -> list[str]:
        return [path for path in self.site.asked if path.startswith(what)]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with VideoSite() as site:
        for name, value in site.environment.items():
            monkeypatch.setenv(name, value)
        yield Desk(site, tmp_path)


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    ear = Ear()
    monkeypatch.setitem(TRANSCRIBERS, "ear", ear)  # type: ignore[arg-type]
    return ear


def test_captions_become_the_transcript_with_address_and_channel(desk: Desk) -> None:
    match = desk.search(Clip("one", TITLE))
    transcript = desk.transcribe()
    assert [segment.text for segment in transcript.segments] == list(SENTENCES)
    assert (transcript.source, transcript.source_url) == (TITLE, desk.site.page_of(desk.site.clips[0]))
    assert transcript.source_author == "Quiet Shelf"
    assert (transcript.written_by, transcript.low_quality) == ("", False)
    assert match.chosen is not None
    assert not (desk.folder / "transcribe.parts").exists()
    assert desk.told("reads") == []


def test_where_the_first_has_nothing_the_next_is_used_with_a_note(desk: Desk) -> None:
    desk.search(Clip("one", TITLE, views=10**6), Clip("two", TITLE))
    desk.site.troubles.append(Trouble("/watch/one", "Private video"))
    assert desk.transcribe().source_url.endswith("/watch/two")
    (note,) = [event["text"] for event in desk.told("note") if "next candidate" in event["text"]]
    assert note == f"{TITLE} is passed by (Video one: it was removed, or is private); the next candidate is tried"


def test_captions_that_are_no_text_are_named_as_those_of_their_video(desk: Desk) -> None:
    desk.search(Clip("one", TITLE, text=(*SENTENCES, "A bell\x07 rings.")))
    with pytest.raises(SourceError) as caught:
        desk.transcribe()
    assert caught.value.message == (
        "No candidate of The Keeper of the Lamp | Ann Harbour can be used: "
        f"{TITLE}: its captions, line 28: control character U+0007, so it is no text"
    )
    assert caught.value.remedy == "Choose another video with search_phrases or channels_blocked."


def test_captions_of_a_few_words_are_no_source(desk: Desk) -> None:
    desk.search(Clip("one", TITLE, views=10**6, text=("Music and a few words.",)), Clip("two", TITLE))
    assert desk.transcribe().source_url.endswith("/watch/two")


def test_a_wall_is_not_run_against_with_every_candidate(desk: Desk) -> None:
    desk.search(Clip("one", TITLE), Clip("two", TITLE))
    before = len(desk.site.asked)
    desk.site.troubles.append(Trouble("/watch", "429"))
    with pytest.raises(NetworkError) as caught:
        desk.transcribe()
    assert caught.value.retryable
    assert len(desk.site.asked) == before + 1


def test_sound_is_the_last_resort_and_its_low_quality_is_told_wherever_it_shows(desk: Desk, ear: Ear) -> None:
    desk.search(Clip("one", TITLE, captions=(), language="de"))
    transcript = desk.transcribe("ear")
    assert ear.heard == [(".mp4", "de")]
    assert (transcript.written_by, transcript.low_quality) == ("ear", True)
    assert (desk.folder / "transcript.txt").read_text().startswith("[Low quality: written down by ear]\n\nword word")
    assert any(event["text"].startswith("Low quality: ear") for event in desk.told("note"))


def test_all_captions_are_tried_before_any_sound(desk: Desk, ear: Ear) -> None:
    desk.search(Clip("one", TITLE, views=10**6), Clip("two", TITLE))
    desk.site.troubles.append(Trouble("/captions", "404"))
    assert desk.transcribe("ear").source_url.endswith("/watch/one")
    assert [path[:17] for path in desk.asked("/captions") + desk.asked("/media")] == [
        "/captions/one.en.", "/captions/two.en.", "/media/one.mp4",
    ]


def test_no_sound_is_fetched_for_a_transcriber_that_could_not_read_it(desk: Desk, ear: Ear) -> None:
    desk.search(Clip("one", TITLE, captions=()))
    with pytest.raises(SourceError, match="no captions, and nothing is set up") as caught:
        desk.transcribe("none")
    assert "whisper_model" in caught.value.remedy
    ear.readiness = Readiness(False, "it knows English alone", "Install another.")
    with pytest.raises(SourceError, match="no captions, and it knows English alone"):
        desk.transcribe("ear")
    assert desk.asked("/media") == []


def test_when_none_can_be_used_the_error_is_the_one_that_helps_all(desk: Desk) -> None:
    desk.search(Clip("one", TITLE, views=10**6), Clip("two", TITLE))
    desk.site.troubles += [Trouble("/watch/one", "Private video"), Trouble("/watch/two", "changed")]
    with pytest.raises(OutdatedLibraryError, match="No candidate of The Keeper of the Lamp") as caught:
        desk.transcribe()
    assert "pip install -U yt-dlp" in caught.value.remedy
    assert not (desk.folder / "transcript.json").exists()


def test_captions_in_the_language_asked_for_are_used(desk: Desk) -> None:
    desk.search(Clip("one", TITLE, captions=("en", "de")), language="de")
    transcript = desk.transcribe(language="de")
    assert transcript.language == "de"
    assert desk.asked("/captions") == ["/captions/one.de.vtt"]


def test_an_older_search_file_without_the_later_fields_is_read(desk: Desk) -> None:
    (desk.folder / "search.json").write_text(json.dumps({
        "chosen": {"name": "a", "location": desk.site.url + "/watch/one", "kind": "captions", "score": 99},
        "candidates": [], "reason": "title matches",
    }))
    desk.site.clips = (Clip("one", TITLE),)
    assert desk.transcribe().source == "a"
