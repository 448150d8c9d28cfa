"""What a model is asked for, by the length wanted and the pace of the language."""

from __future__ import annotations

from typing import Any

import pytest
from tests.loopback.language_model import SENTENCES

from pressrun.model.book import Book
from pressrun.model.script import Segment, Transcript
from pressrun.services.languages import direction_of
from pressrun.services.pace import spoken_seconds
from pressrun.services.protocols import Brief
from pressrun.services.writers.llm.drafting import build_draft, find_faults, task_values

ENGLISH = " ".join(SENTENCES["en"])
JAPANESE = "森の小さな池のほとりに、ひとりの男が自分の手で小屋を建てた。男は朝早く起きて豆畑を耕した。" * 4


def transcript(text: str, code: str) -> Transcript:
    return Transcript(code, direction_of(code), (Segment(text),), "notes.md")


def brief(seconds: float, rate: int = 165) -> Brief:
    return Brief(Book("Walden", "Henry David Thoreau"), seconds, 45.0, rate)


def test_words_follow_from_seconds_and_rate() -> None:
    briefs = (brief(60.0), brief(120.0), brief(120.0, rate=250))
    minute, two, quick = (int(str(task_values(transcript(ENGLISH, "en"), each)["words"])) for each in briefs)
    assert 2 * minute < two < quick
    # The rate is that of words of average length; those of this text are shorter.
    assert two == pytest.approx(115 * 165 / 60, rel=0.1)


def test_a_language_without_blanks_is_counted_in_characters() -> None:
    values = task_values(transcript(JAPANESE, "ja"), brief(120.0))
    assert values["unit"] == "characters"
    text = (JAPANESE * 10)[: int(str(values["words"]))]
    assert spoken_seconds(text, "ja", 165) == pytest.approx(115, rel=0.15)


@pytest.mark.parametrize(("seconds", "scenes"), [(20.0, 3), (120.0, 5), (300.0, 14), (3600.0, 40)])
def test_longer_videos_have_more_scenes(seconds: float, scenes: int) -> None:
    assert task_values(transcript(ENGLISH, "en"), brief(seconds))["scenes"] == scenes


def reply(text: str, **changes: Any) -> Any:
    from pressrun.services.writers.llm.reply import Reply

    values = {
        "title": "T", "hook": text[:200], "scenes": [{"heading": "S", "narration": text}] * 2, "close": text[:200],
        "short": text[:500], "description": text[:400], "tags": ["t"],
    }
    return Reply.model_validate(values | changes)


def languages_told(text: str, code: str) -> list[str]:
    given = reply(text)
    made = build_draft(given, transcript(ENGLISH, code), brief(120.0))
    return [fault.text for fault in find_faults(given, made, brief(120.0)) if fault.fatal]


def test_the_language_of_every_text_is_checked() -> None:
    german = " ".join(SENTENCES["de"])
    assert languages_told(ENGLISH, "en") == []
    assert languages_told(german, "de") == []
    assert [text.partition(":")[0] for text in languages_told(german, "en")] == ["The scenes", "short", "description"]


def test_a_language_that_the_detector_does_not_know_is_not_rejected() -> None:
    assert languages_told(ENGLISH, "yi") == []


def test_a_description_names_the_book_below_unless_it_does_already() -> None:
    made = build_draft(reply(ENGLISH), transcript(ENGLISH, "en"), brief(120.0))
    assert made.description.endswith("\n\nWalden by Henry David Thoreau")
    named = build_draft(
        reply(ENGLISH, description="All about Walden by Henry David Thoreau."), transcript(ENGLISH, "en"), brief(120.0)
    )
    assert named.description == "All about Walden by Henry David Thoreau."
