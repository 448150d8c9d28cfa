"""transcribe with videos tries the next candidate if one is unusable, and audio as the last resort."""

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
    """A transcriber that finds fifty words in any file."""

    NAME = "ear"
    NEEDS_NETWORK = False
    LOW_QUALITY = True

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.readiness = Readiness(True, "an ear")

    def ready(self, context: Any) -> Readiness:
        return self.readiness

    def transcribe(self, media: Path, language: str, progress: Any, context: Any) -> tuple[Segment, ...]:
        self.heard.append((media.suffix, language))
        return (HEARD,)


class StageRun:
    """A run folder with a video site, and the events of the stages."""

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

    def events(self, kind: str) -> list[dict[str, Any]]:
        os.close(self.writing)
        with os.fdopen(self.reading) as pipe:
            return [event for event in map(json.loads, pipe) if event["event"] == kind]

    def requests(self, prefix: str) -> list[str]:
        return [path for path in self.site.asked if path.startswith(prefix)]


@pytest.fixture
def stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StageRun]:
    with VideoSite() as site:
        for name, value in site.environment.items():
            monkeypatch.setenv(name, value)
        yield StageRun(site, tmp_path)


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    ear = Ear()
    monkeypatch.setitem(TRANSCRIBERS, "ear", ear)  # type: ignore[arg-type]
    return ear


def test_captions_become_the_transcript_with_address_and_channel(stages: StageRun) -> None:
    match = stages.search(Clip("one", TITLE))
    transcript = stages.transcribe()
    assert [segment.text for segment in transcript.segments] == list(SENTENCES)
    assert (transcript.source, transcript.source_url) == (TITLE, stages.site.page_of(stages.site.clips[0]))
    assert transcript.source_author == "Quiet Shelf"
    assert (transcript.written_by, transcript.low_quality) == ("", False)
    assert match.chosen is not None
    assert not (stages.folder / "transcribe.parts").exists()
    assert stages.events("reads") == []


def test_an_unusable_candidate_is_replaced_by_the_next_with_a_note(stages: StageRun) -> None:
    stages.search(Clip("one", TITLE, views=10**6), Clip("two", TITLE))
    stages.site.troubles.append(Trouble("/watch/one", "Private video"))
    assert stages.transcribe().source_url.endswith("/watch/two")
    (note,) = [event["text"] for event in stages.events("note") if "next candidate" in event["text"]]
    assert note == f"{TITLE} cannot be used (Video one: it was removed or is private); trying the next candidate"


def test_invalid_captions_are_reported_with_the_title_of_their_video(stages: StageRun) -> None:
    stages.search(Clip("one", TITLE, text=(*SENTENCES, "A bell\x07 rings.")))
    with pytest.raises(SourceError) as caught:
        stages.transcribe()
    assert caught.value.message == (
        "No candidate for The Keeper of the Lamp | Ann Harbour can be used: "
        f"{TITLE}: its captions, line 28: control character U+0007, so it is no text"
    )
    assert caught.value.remedy == "Choose another video with search_phrases or channels_blocked."


def test_captions_of_a_few_words_are_not_used(stages: StageRun) -> None:
    stages.search(Clip("one", TITLE, views=10**6, text=("Music and a few words.",)), Clip("two", TITLE))
    assert stages.transcribe().source_url.endswith("/watch/two")


def test_a_rate_limit_is_not_tried_with_every_candidate(stages: StageRun) -> None:
    stages.search(Clip("one", TITLE), Clip("two", TITLE))
    before = len(stages.site.asked)
    stages.site.troubles.append(Trouble("/watch", "429"))
    with pytest.raises(NetworkError) as caught:
        stages.transcribe()
    assert caught.value.retryable
    assert len(stages.site.asked) == before + 1


def test_audio_is_the_last_resort_and_its_low_quality_is_reported(stages: StageRun, ear: Ear) -> None:
    stages.search(Clip("one", TITLE, captions=(), language="de"))
    transcript = stages.transcribe("ear")
    assert ear.heard == [(".mp4", "de")]
    assert (transcript.written_by, transcript.low_quality) == ("ear", True)
    assert (stages.folder / "transcript.txt").read_text().startswith("[Low quality: written down by ear]\n\nword word")
    assert any(event["text"].startswith("Low quality: transcribed by ear") for event in stages.events("note"))


def test_all_captions_are_tried_before_any_audio(stages: StageRun, ear: Ear) -> None:
    stages.search(Clip("one", TITLE, views=10**6), Clip("two", TITLE))
    stages.site.troubles.append(Trouble("/captions", "404"))
    assert stages.transcribe("ear").source_url.endswith("/watch/one")
    assert [path[:17] for path in stages.requests("/captions") + stages.requests("/media")] == [
        "/captions/one.en.", "/captions/two.en.", "/media/one.mp4",
    ]


def test_no_audio_is_downloaded_for_an_unusable_transcriber(stages: StageRun, ear: Ear) -> None:
    stages.search(Clip("one", TITLE, captions=()))
    with pytest.raises(SourceError, match="no captions, and no transcriber is set up") as caught:
        stages.transcribe("none")
    assert "pressrun[whisper]" in caught.value.remedy
    ear.readiness = Readiness(False, "it only knows English", "Install another.")
    with pytest.raises(SourceError, match="no captions, and it only knows English"):
        stages.transcribe("ear")
    assert stages.requests("/media") == []


def test_an_outdated_library_is_the_error_if_no_candidate_is_usable(stages: StageRun) -> None:
    stages.search(Clip("one", TITLE, views=10**6), Clip("two", TITLE))
    stages.site.troubles += [Trouble("/watch/one", "Private video"), Trouble("/watch/two", "changed")]
    with pytest.raises(OutdatedLibraryError, match="No candidate for The Keeper of the Lamp") as caught:
        stages.transcribe()
    assert "pip install -U yt-dlp" in caught.value.remedy
    assert not (stages.folder / "transcript.json").exists()


def test_captions_in_the_requested_language_are_used(stages: StageRun) -> None:
    stages.search(Clip("one", TITLE, captions=("en", "de")), language="de")
    transcript = stages.transcribe(language="de")
    assert transcript.language == "de"
    assert stages.requests("/captions") == ["/captions/one.de.vtt"]


def test_an_older_search_file_without_newer_fields_is_read(stages: StageRun) -> None:
    (stages.folder / "search.json").write_text(json.dumps({
        "chosen": {"name": "a", "location": stages.site.url + "/watch/one", "kind": "captions", "score": 99},
        "candidates": [], "reason": "title matches",
    }))
    stages.site.clips = (Clip("one", TITLE),)
    assert stages.transcribe().source == "a"
