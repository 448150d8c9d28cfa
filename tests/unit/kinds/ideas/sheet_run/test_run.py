"""Rows of a sheet become videos once, and their results find the right row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.google_sheets import Spreadsheets, Tab
from tests.unit.kinds.ideas.conftest import HEADER, idea

from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.stop import StopToken
from pressrun.errors import UsageError
from pressrun.kinds.ideas.rows import Reading
from pressrun.kinds.ideas.sheet_run.ledger import Ledger, sheet_lock
from pressrun.kinds.ideas.sheet_run.plan import SheetPlan, plan_sheet, read_state, row_item
from pressrun.kinds.ideas.sheet_run.run import run_sheet
from pressrun.kinds.ideas.sheet_run.sync import SheetSync
from pressrun.kinds.ideas.sheets.google_sheet import GoogleSheet
from pressrun.model.event import BookStarted, Event, StageFinished
from pressrun.model.reason import ReasonKind
from pressrun.model.result import BatchResult
from pressrun.settings import default_settings, with_values
from pressrun.store.workspace import Workspace
from pressrun.testing.in_process import InProcessRunner
from pressrun.testing.pipeline import BRIEF

Opener = Callable[..., GoogleSheet]


class Studio:
    """A workspace in which the sheet is run again and again."""

    def __init__(self, root: Path, open_sheet: Opener) -> None:
        self.root, self._open = root, open_sheet
        root.mkdir(exist_ok=True)
        settings = with_values(
            default_settings(),
            {"source": "folder", "writer": "extractive", "voice": "espeak", "publisher": "folder", "shorts": False},
            "Test",
        )
        settings = replace(settings, run=replace(settings.run, delay=0.0, network="off"))
        self.spec = BatchSpec(Workspace(root), BRIEF, settings)
        self.sync: SheetSync | None = None

    def plan(self, *, remake: bool = False) -> tuple[SheetPlan, GoogleSheet, Ledger]:
        sheet = self._open()
        sheet.read()
        ledger = Ledger(self.spec.workspace, sheet.key)
        state = read_state(sheet, Reading(), ledger)
        return plan_sheet(state, ledger, self.spec, remake=remake, ask_network=False), sheet, ledger

    def run(self, on_event: Callable[[Event], None] = lambda _: None, *, remake: bool = False) -> BatchResult:
        planned, sheet, ledger = self.plan(remake=remake)
        self.sync = SheetSync(sheet, Reading(), ledger)
        return run_sheet(planned, sheet.key, ledger, self.sync, on_event, StopToken(), InProcessRunner())

    def made(self) -> Counter[str]:
        """Return how often each title was published, and reached the last stage."""
        log = (self.root / "tiny.log").read_text().splitlines()
        return Counter(line.split("\t")[1] for line in log if line.startswith("upload\t"))

    def published(self) -> list[str]:
        return [url for url in (self.root / "published.log").read_text().split() if "-upload-" in url]


@pytest.fixture
def studio(tmp_path: Path, open_sheet: Opener) -> Studio:
    return Studio(tmp_path / "studio", open_sheet)


def twelve_rows() -> list[list[Any]]:
    rows = [HEADER, *map(idea, range(1, 13))]
    rows[4][6], rows[8][4] = "", "soon"
    return rows


def results(tab: Tab) -> dict[str, tuple[str, str]]:
    """Return title -> status and URL."""
    return dict(zip(tab.column("Idea/Title"), zip(tab.column("Video status"), tab.column("Video URL"), strict=True),
                    strict=True))  # fmt: skip


def test_twelve_rows_give_ten_videos_two_explanations_and_one_remake(server: Spreadsheets, studio: Studio) -> None:
    tab = server.add(twelve_rows(), column_count=10)
    first = studio.run()
    assert (len(first.of("success")), len(first.of("skipped")), len(first.of("failed"))) == (10, 2, 0)
    assert [each.reason.kind for each in first.of("skipped") if each.reason] == [ReasonKind.ROW_REJECTED] * 2
    shown = results(tab)
    assert [status for status, _ in shown.values()].count("done") == 10
    urls = {title: url for title, (_, url) in shown.items() if url}
    assert sorted(urls.values()) == sorted(studio.published())
    errors = dict(zip(tab.column("Idea/Title"), tab.column("Video error"), strict=True))
    assert errors["Idea 4"] == "script_content: found nothing; expected text"
    assert errors["Idea 8"].startswith('duration_seconds: found "soon"; expected seconds')
    assert not any(error for title, error in errors.items() if title not in ("Idea 4", "Idea 8"))
    assert all(isinstance(cost, float) for cost in tab.column("Video cost") if cost != "")
    # Sorted by a user: the whole rows, then only the text columns; and one script is edited.
    tab.sort(lambda row: row[0])
    tab.sort(lambda row: row[6], width=10)
    next(row for row in tab.rows if row[0] == "Idea 5")[6] = "Bees fly higher."
    second = studio.run()
    assert [each.book.title for each in second.books if each.outcome == "success"] == ["Idea 5"]
    assert len(studio.published()) == 11
    assert studio.made() == {f"Idea {n}": 1 + (n == 5) for n in range(1, 13) if n not in (4, 8)}
    shown = results(tab)
    assert {title: url for title, (_, url) in shown.items() if url and title != "Idea 5"} == {
        title: url for title, url in urls.items() if title != "Idea 5"
    }
    assert shown["Idea 5"][1] not in urls.values()
    assert len(studio.run().of("skipped")) == 12


def test_rows_that_move_between_read_and_write_get_their_own_results(server: Spreadsheets, studio: Studio) -> None:
    tab = server.add([HEADER, *map(idea, range(1, 9))])

    def turn_around(name: str) -> None:
        # Before some writes only: a sheet in which rows move before every write is never right.
        if name == "values:batchUpdate" and server.writes % 3 == 0:
            tab.rows[1:] = tab.rows[:0:-1]

    server.between = turn_around
    studio.run()
    server.between = lambda _: None
    studio.run()
    markers = {title: url for title, (_, url) in results(tab).items()}
    _, _, ledger = studio.plan()
    known = {result.title: result.url for digest in ledger.rows.values() if (result := ledger.result(digest))}
    assert markers == known
    assert len(studio.published()) == 8


def test_a_row_that_is_edited_while_it_is_made_is_made_again_by_the_next_run(
    server: Spreadsheets, studio: Studio
) -> None:
    tab = server.add([HEADER, idea(1), idea(2)])

    def edit(event: Event) -> None:
        if isinstance(event, StageFinished) and event.stage == "render" and event.book.title == "Idea 1":
            tab.rows[1][6] = "Other words."

    studio.run(edit)
    assert results(tab)["Idea 1"][0] == "edited"
    assert results(tab)["Idea 2"][0] == "done"
    planned, _, _ = studio.plan()
    assert [(row.action, row.details.kind) for row in planned.plan.rows] == [
        ("process", ReasonKind.ROW_EDITED), ("skip", ReasonKind.ALREADY_DONE),
    ]
    studio.run()
    assert results(tab)["Idea 1"][0] == "done"
    assert len(studio.published()) == 3


def test_the_events_of_a_row_name_the_book_that_was_started(server: Spreadsheets, studio: Studio) -> None:
    server.add([HEADER, idea(1)])
    seen: list[Event] = []
    studio.run(seen.append)
    [started] = [event.book for event in seen if isinstance(event, BookStarted)]
    stages = [event.book for event in seen if isinstance(event, StageFinished)]
    assert stages
    assert all(book == started for book in stages)


def test_an_explicit_setting_takes_the_place_of_a_blank_cell(server: Spreadsheets, studio: Studio) -> None:
    first, second = idea(1), idea(2)
    second[4] = second[5] = ""
    server.add([HEADER, first, second])
    settings = with_values(studio.spec.settings, {"target_seconds": 30.0, "shorts": False}, "Test")
    planned, _, _ = studio.plan()
    items = [row_item(row, replace(studio.spec, settings=settings)) for row, _ in planned.accepted.values()]
    assert [(item.settings.item.target_seconds, item.settings.item.shorts) for item in items] == [
        (300.0, True), (30.0, False),
    ]


def test_a_failed_row_shows_why_and_resumes_where_it_failed(server: Spreadsheets, studio: Studio) -> None:
    row = idea(1)
    row[0] = "Idea 1 @render:flaky=9"
    tab = server.add([HEADER, row])
    assert not studio.run()
    assert tab.column("Video status") == ["failed"]
    assert "render was instructed to fail 9 times" in tab.column("Video error")[0]
    planned, _, _ = studio.plan()
    assert (planned.plan.rows[0].action, planned.plan.rows[0].stages[0]) == ("resume", "render")


def test_a_sheet_that_can_only_be_viewed_gives_a_warning(server: Spreadsheets, studio: Studio) -> None:
    tab = server.add([HEADER, idea(1)])
    server.viewers, server.editors = server.editors, set()
    assert studio.run()
    assert studio.sync
    assert "you can view it but not edit it" in studio.sync.warning
    assert len(tab.rows[0]) == 10
    assert len(studio.run().of("skipped")) == 1
    assert len(studio.published()) == 1


def test_another_workspace_trusts_the_columns_of_the_sheet(
    server: Spreadsheets, studio: Studio, tmp_path: Path, open_sheet: Opener
) -> None:
    tab = server.add([HEADER, idea(1), idea(2)])
    studio.run()
    tab.rows[2][6] = "New words."
    other = Studio(tmp_path / "other", open_sheet)
    planned, _, _ = other.plan()
    assert [row.details.kind for row in planned.plan.rows] == [ReasonKind.ALREADY_DONE, ReasonKind.ROW_EDITED]
    other.run()
    assert other.made() == {"Idea 2": 1}
    assert {status for status, _ in results(tab).values()} == {"done"}


def test_results_that_could_not_be_written_are_written_by_the_next_run(server: Spreadsheets, studio: Studio) -> None:
    from tests.loopback.google_sheets import Fault

    tab = server.add([HEADER, idea(1)])

    def fail_writes(name: str) -> None:
        server.faults = [Fault(503)] if name.endswith("batchUpdate") else []

    server.between = fail_writes
    assert studio.run()
    assert studio.sync
    assert "They are written by the next run" in studio.sync.warning
    assert len(tab.rows[0]) == 10
    server.between = lambda _: None
    server.faults = []
    studio.run()
    assert [status for status, _ in results(tab).values()] == ["done"]
    assert len(studio.published()) == 1


def test_finished_rows_are_made_again_on_request(server: Spreadsheets, studio: Studio) -> None:
    server.add([HEADER, idea(1)])
    studio.run()
    studio.run(remake=True)
    assert len(set(studio.published())) == 2


def test_a_thousand_rows_take_few_calls(server: Spreadsheets, studio: Studio) -> None:
    server.add([HEADER, *map(idea, range(1, 1001))], row_count=1001)
    planned, sheet, ledger = studio.plan()
    sync = SheetSync(sheet, Reading(), ledger)
    server.reads = server.writes = 0
    state = read_state(sheet, Reading(), ledger)
    sync.add_rows(state, {row.book.line: row.book.title for row in planned.plan.rows if row.book.line})
    assert sync.write(state)
    assert sync.write()
    assert server.reads <= 10
    assert server.writes <= 10


def test_a_sheet_is_run_by_one_process_at_a_time(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with sheet_lock(workspace, "key", "Ideas"):
        with pytest.raises(UsageError, match="Ideas is being run by another process"), sheet_lock(
            workspace, "key", "Ideas"
        ):
            pass
        with sheet_lock(workspace, "another", "Later"):
            pass
