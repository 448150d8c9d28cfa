"""Rows are found again by their ID and content, never by their number."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.size import examples

from pressrun.kinds.ideas.sheet_run.matching import make_id_cell, match_rows, parse_id_cell
from pressrun.kinds.ideas.sheets.table import ResultCells

A, B, C = "a" * 64, "b" * 64, "c" * 64


def cell(row_id: str, digest: str) -> ResultCells:
    return ResultCells("done", "https://v.example", id=make_id_cell(row_id, digest))


def test_an_id_cell_proves_its_content() -> None:
    assert parse_id_cell(make_id_cell("x1", A)) == ("x1", A[:16])
    for broken in ("", "x1", "x1.", "x 1.0123456789abcdef", "x1.short", None, 7):
        assert parse_id_cell(broken) == ("", "")


def test_sorted_rows_keep_their_ids() -> None:
    found = match_rows({2: B, 3: A}, {2: cell("two", B), 3: cell("one", A)}, {"one": A, "two": B})
    assert {number: match.id for number, match in found.items()} == {2: "two", 3: "one"}
    assert not any(match.is_edited for match in found.values())


def test_content_counts_more_than_an_id_that_stayed_behind() -> None:
    found = match_rows({2: B, 3: A}, {2: cell("one", A), 3: cell("two", B)}, {"one": A, "two": B})
    assert {number: match.id for number, match in found.items()} == {2: "two", 3: "one"}


def test_an_edited_row_keeps_its_id() -> None:
    found = match_rows({2: C, 3: B}, {2: cell("one", A), 3: cell("two", B)}, {"one": A, "two": B})
    assert (found[2].id, found[2].is_edited) == ("one", True)
    assert not found[3].is_edited


def test_a_copied_row_is_new() -> None:
    found = match_rows({2: A, 3: C}, {2: cell("one", A), 3: cell("one", A)}, {"one": A})
    assert found[2].id == "one"
    assert found[3].id != "one"
    assert not found[3].is_edited


def test_ids_of_another_workspace_are_adopted() -> None:
    found = match_rows({2: A, 3: C}, {2: cell("one", A), 3: cell("two", B)}, {})
    assert (found[2].id, found[2].is_edited) == ("one", False)
    assert (found[3].id, found[3].is_edited) == ("two", True)


@settings(max_examples=examples(100), deadline=None)
@given(st.permutations(range(8)), st.permutations(range(8)))
def test_no_row_is_ever_taken_for_another(order: list[int], ids: list[int]) -> None:
    """Text and ID cells are sorted independently of each other: the content decides."""
    digests = [f"{number:x}" * 64 for number in range(8)]
    known = {f"id{number}": digest for number, digest in enumerate(digests)}
    rows = {at: digests[number] for at, number in enumerate(order)}
    cells = {at: cell(f"id{number}", digests[number]) for at, number in enumerate(ids)}
    found = match_rows(rows, cells, known)
    assert {at: match.id for at, match in found.items()} == {at: f"id{number}" for at, number in enumerate(order)}
