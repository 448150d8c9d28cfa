"""docs/reference/queue.md lists the moves that the queue allows."""

from __future__ import annotations

from pathlib import Path

from pressrun.jobs.states import BATCH_MOVES, JOB_MOVES, USER_ACTIONS

TEXT = (Path(__file__).parents[2] / "docs" / "reference" / "queue.md").read_text(encoding="utf-8")


def rows(head: str) -> dict[str, list[list[str]]]:
    """Return first cell -> the lists in the other cells, for the table whose header begins with `head`."""
    table = TEXT.split(f"| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in table]
    return {first: [cell.split(", ") if cell else [] for cell in rest] for first, *rest in cells}


def test_the_moves_and_actions_of_batches_match_the_code() -> None:
    assert rows("batch") == {
        state.value: [[end.value for end in ends], list(USER_ACTIONS[state])] for state, ends in BATCH_MOVES.items()
    }


def test_the_moves_of_jobs_match_the_code() -> None:
    assert rows("job") == {state.value: [[end.value for end in ends]] for state, ends in JOB_MOVES.items()}
