"""Which captions are used, of what YouTube lists as yt-dlp hands it over."""

from __future__ import annotations

from typing import Any

import pytest

from pressrun.services.sources.youtube.captions import best_captions


def track(query: str, *forms: str) -> list[dict[str, str]]:
    forms = forms or ("json3", "srt", "vtt")
    return [{"ext": form, "url": f"https://example.org/t?{query}&fmt={form}"} for form in forms]


GERMAN_VIDEO: dict[str, Any] = {
    "language": "de",
    "subtitles": {"live_chat": track(""), "fr": track("lang=fr"), "de-DE": track("lang=de-DE")},
    "automatic_captions": {
        "es": track("lang=de&tlang=es"), "es-de": track("lang=de-DE&tlang=es-de"), "de": track("lang=de"),
        "de-orig": track("lang=de"), "en": track("lang=de&tlang=en"),
    },
}


@pytest.mark.parametrize(
    ("language", "expected"),
    [(None, "manual de"), ("de", "manual de"), ("fr", "manual fr"), ("en", "translated en"), ("pl", "None")],
)
def test_manual_comes_before_automatic_and_that_before_translated(language: str | None, expected: str) -> None:
    assert str(best_captions(GERMAN_VIDEO, language)) == expected


def test_a_translation_of_what_people_wrote_comes_first() -> None:
    found = best_captions(GERMAN_VIDEO, "es")
    assert found is not None
    assert "tlang=es-de" in found.track["url"]


def test_without_manual_ones_what_was_heard_is_used_and_never_a_translation_nobody_requested() -> None:
    heard = {**GERMAN_VIDEO, "subtitles": {}}
    assert str(best_captions(heard, None)) == "automatic de"
    only_translated = {"automatic_captions": {"en": track("lang=de&tlang=en")}}
    assert best_captions(only_translated, None) is None
    assert str(best_captions(only_translated, "en")) == "translated en"


def test_the_language_of_a_video_that_does_not_say_it_is_the_one_that_was_heard() -> None:
    assert str(best_captions({**GERMAN_VIDEO, "language": None}, None)) == "manual de"


def test_webvtt_comes_before_srt_and_other_forms_are_none() -> None:
    assert best_captions({"subtitles": {"en": track("lang=en")}}, None).form == "vtt"  # type: ignore[union-attr]
    assert best_captions({"subtitles": {"en": track("lang=en", "srt")}}, None).form == "srt"  # type: ignore[union-attr]
    assert best_captions({"subtitles": {"en": track("lang=en", "json3", "ttml")}}, None) is None
    segments = [{"ext": "vtt", "url": "https://example.org/a.m3u8", "protocol": "m3u8_native"}]
    assert best_captions({"subtitles": {"en": segments}}, None) is None


@pytest.mark.parametrize("info", [{}, {"subtitles": None, "automatic_captions": None}, {"subtitles": {"en": []}}])
def test_without_captions_there_is_no_result(info: dict[str, Any]) -> None:
    assert best_captions(info, "en") is None
