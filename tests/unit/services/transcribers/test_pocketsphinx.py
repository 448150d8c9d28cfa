"""PocketSphinx: English, in utterances with their times, and told to be of low quality."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pressrun.errors import SourceError
from pressrun.services.protocols import Context
from pressrun.services.transcribers import pocketsphinx
from pressrun.services.transcribers.decoding import SAMPLE_RATE, decode_audio


def context(language: str = "auto") -> Context:
    return Context(Path(), {"language": language})


def test_what_is_said_is_written_down_with_its_times_and_progress(spoken: Path) -> None:
    seen: list[tuple[float, float, str]] = []
    found = pocketsphinx.transcribe(spoken, "auto", lambda *each: seen.append(each), context())
    words = {word for segment in found for word in segment.text.split()}
    assert words >= {"hundred", "thousand", "people"}
    times = [time for segment in found for time in (segment.start or 0.0, segment.end or 0.0)]
    assert times == sorted(times)
    assert all(each[2] == "seconds" and each[0] <= each[1] for each in seen)


def test_silence_is_not_a_source(silent: Path) -> None:
    with pytest.raises(SourceError, match="no English speech") as caught:
        pocketsphinx.transcribe(silent, "en", lambda *_: None, context())
    assert "pressrun[whisper]" in caught.value.remedy


def test_another_language_is_rejected_beforehand_and_when_asked(spoken: Path) -> None:
    readiness = pocketsphinx.ready(context("de"))
    assert not readiness.ready
    assert "only English" in readiness.reason
    with pytest.raises(SourceError, match="the language is de"):
        pocketsphinx.transcribe(spoken, "de", lambda *_: None, context("de"))


def test_its_readiness_says_low_quality() -> None:
    assert pocketsphinx.LOW_QUALITY
    assert "low quality" in pocketsphinx.ready(context()).reason
    assert pocketsphinx.ready(context("en-GB")).ready


def test_speech_without_a_pause_is_cut_and_its_times_continue(spoken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pocketsphinx, "MAX_UTTERANCE_SECONDS", 0.5)
    found = list(pocketsphinx._split_utterances(decode_audio(spoken)))
    starts = [each.start for each in found]
    ends = [each.start + len(each.pcm) / 2 / SAMPLE_RATE for each in found]
    assert len(found) >= 4
    assert all(end <= start + 0.05 for end, start in zip(ends, starts[1:], strict=False))
    assert ends[-1] > 2


def test_frames_keep_every_byte_whatever_the_pieces() -> None:
    def pieces() -> Iterator[bytes]:
        yield from (b"abc", b"", b"defgh", b"i")

    assert list(pocketsphinx._frames(pieces(), 4)) == [(b"abcd", False), (b"efgh", False), (b"i", True)]
