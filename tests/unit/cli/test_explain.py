from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pressrun.cli.explain import show_reasons, verdict
from pressrun.model.book import Book
from pressrun.model.plan import Decision, Plan, PlanRow
from pressrun.model.reason import Reason, ReasonKind

REASONS = (
    ("tts", Reason(ReasonKind.UP_TO_DATE)),
    ("render", Reason(ReasonKind.SETTING_CHANGED, {"setting": "style", "before": "modern", "now": "classic"})),
    ("upload", Reason(ReasonKind.AFTER_UNTIL, {"stage": "render"})),
)
RESUMES_AT = Reason(ReasonKind.RESUMES_AT, {"stage": "render", "why": REASONS[1][1]})
RESUMES = PlanRow(
    1, Book("Emma", "Jane Austen"), "processing", "resume", RESUMES_AT,
    Decision(("render",), dict(REASONS), ("upload",)),
)


def done(number: int) -> PlanRow:
    url = f"https://videos.example/{number}"
    return PlanRow(number, Book(f"Book {number}"), "done", "skip", Reason(ReasonKind.ALREADY_DONE), video_url=url)


def test_each_stage_runs_stays_or_runs_later() -> None:
    assert [verdict(RESUMES, stage) for stage, _ in REASONS] == ["stays", "runs", "later"]


@pytest.mark.parametrize("width", [60, 120])
def test_each_stage_has_a_reason(capture_screen: Callable[..., Any], width: int) -> None:
    captured = capture_screen(width)
    show_reasons(captured.screen, Plan((RESUMES,)))
    assert captured.widest <= width
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in captured.lines if line.startswith("│")]
    said = [" ".join(row).replace("runs: ", "runs ") for row in cells]
    assert "render runs style changed: modern -> classic" in said
    assert "1 Emma | Jane Austen" in captured.text


def test_books_with_nothing_to_run_share_a_line(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(100)
    show_reasons(captured.screen, Plan((done(1), done(2), RESUMES)))
    assert captured.text.count("nothing runs: the book is done") == 1


def test_books_that_run_for_the_same_reasons_share_a_table(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(100)
    show_reasons(captured.screen, Plan((RESUMES, RESUMES)))
    assert captured.text.count("style changed") == 1
    assert captured.text.count("Emma | Jane Austen") == 2


def test_only_the_first_books_of_a_long_list_are_explained_unless_full(capture_screen: Callable[..., Any]) -> None:
    plan = Plan(tuple(done(number) for number in range(1, 61)))
    short, full = capture_screen(100), capture_screen(100)
    show_reasons(short.screen, plan)
    show_reasons(full.screen, plan, full=True)
    assert "Book 5" in short.text
    assert "Book 6" not in short.text
    assert "and 55 more: --full explains all" in short.text
    assert "Book 60" in full.text
