"""The sentences for reasons: every kind has one, and nothing reads them."""

from __future__ import annotations

import string
from typing import Any

import pytest

from pressrun import wording
from pressrun.model.book import Book
from pressrun.model.plan import PlanRow
from pressrun.model.reason import Reason, ReasonKind, StopReason, stored_reason

CHANGED = Reason(ReasonKind.SETTING_CHANGED, {"setting": "style", "before": "modern", "now": "classic"})


def test_every_kind_has_a_sentence() -> None:
    assert set(wording._SENTENCES) == set(ReasonKind)


@pytest.mark.parametrize("kind", wording._HEADINGS)
def test_a_heading_names_only_values_of_its_sentence(kind: ReasonKind) -> None:
    def fields(text: Any) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(str(text)) if name}

    heading, own = wording._HEADINGS[kind]
    assert not fields(heading)
    assert fields(own) <= fields(wording._SENTENCES[kind])


def test_a_sentence_holds_its_values_and_those_of_reasons_within() -> None:
    resumes = Reason(ReasonKind.RESUMES_AT, {"stage": "render", "why": CHANGED})
    assert wording.sentence(resumes) == "resumes at render: style changed: modern -> classic"
    assert wording.sentence(None) == ""


def test_more_reasons_follow_the_first() -> None:
    copy = Reason(ReasonKind.FRESH_START).with_also(Reason(ReasonKind.SECOND_COPY))
    assert wording.sentence(copy) == "fresh start; a second copy will be published"


def test_values_with_braces_are_shown_as_they_are() -> None:
    reason = Reason(ReasonKind.FILE_MISSING, {"file": "{0} {file}.json"})
    assert wording.sentence(reason) == "{0} {file}.json is missing"


def test_the_details_of_a_finished_book_are_its_address() -> None:
    row = PlanRow(1, Book("Emma"), "done", "skip", Reason(ReasonKind.ALREADY_DONE))
    assert wording.details(row) == "Already done"
    published = PlanRow(1, Book("Emma"), "done", "skip", Reason(ReasonKind.ALREADY_DONE), video_url="https://a.example")
    assert wording.details(published) == "https://a.example"


def test_a_reason_of_another_version_keeps_its_sentence() -> None:
    assert stored_reason("") is None
    known = stored_reason("It was so", "busy")
    assert known is not None
    assert (known.kind, wording.sentence(known)) == (ReasonKind.BUSY, "It was so")
    unknown = stored_reason("It was so", "a_kind_of_tomorrow")
    assert unknown is not None
    assert (unknown.kind, wording.sentence(unknown)) == (ReasonKind.OTHER, "It was so")


def test_a_stop_is_named_by_its_sentence_or_its_order() -> None:
    assert wording.stop_sentence(StopReason.INTERRUPTED) == "User interrupted batch"
    assert wording.stop_sentence("cancel") == "cancel"
