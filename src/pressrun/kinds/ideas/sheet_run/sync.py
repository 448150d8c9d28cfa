"""Bring the result columns of a sheet in line with the ledger, whatever happened to the rows in the meantime."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from pressrun.error_reports import to_pressrun_error
from pressrun.errors import PermissionError, PressrunError
from pressrun.kinds.ideas.rows import Reading
from pressrun.kinds.ideas.sheet_run.ledger import Ledger
from pressrun.kinds.ideas.sheet_run.matching import make_id_cell
from pressrun.kinds.ideas.sheet_run.plan import SheetState, adopted_results, identify_rows, read_state
from pressrun.kinds.ideas.sheets.table import ResultCells, Sheet

MAX_ROUNDS = 4
"""Times that the sheet is compared and corrected. More than one is needed only if rows move between read and write."""
WRITE_INTERVAL = 15.0
"""Seconds between two writes while videos are made: far below the quota of 60 requests per minute."""
STATUS_REJECTED, STATUS_EDITED = "rejected", "edited"


def result_cells(state: SheetState, ledger: Ledger) -> dict[int, ResultCells]:
    """Return what the result columns of each row should show."""
    # Without the number of the row, which changes when rows are sorted.
    rejected = {row.number: ", and ".join(map(str, row.problems)) for row in state.rows.rejected}
    known = ledger.rows
    cells = {}
    for number, match in state.matches.items():
        current = ledger.result(match.digest)
        earlier = ledger.result(match.known_digest) if match.known_digest else None
        if number in rejected:
            # A row that was edited into an invalid one still shows the video it had.
            url, id_ = (earlier.url, make_id_cell(match.id, match.known_digest)) if earlier else ("", "")
            cells[number] = ResultCells(STATUS_REJECTED, url, rejected[number], id=id_)
        elif current:
            cells[number] = ResultCells(
                current.status, current.url, current.error, _rounded(current.cost, 4), _rounded(current.seconds, 1),
                make_id_cell(match.id, match.digest),
            )
        elif match.id in known and earlier:
            cells[number] = ResultCells(
                STATUS_EDITED, earlier.url, "", _rounded(earlier.cost, 4), _rounded(earlier.seconds, 1),
                make_id_cell(match.id, match.known_digest),
            )
        else:
            # A new row, perhaps a copy of another one with its results.
            cells[number] = ResultCells()
    return cells


class SheetSync:
    """Writes results into a sheet: at once, or now and then from a thread of its own."""

    def __init__(self, sheet: Sheet, reading: Reading, ledger: Ledger) -> None:
        self._sheet, self._reading, self._ledger = sheet, reading, ledger
        self._changed = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self.warning = "" if sheet.can_write else (
            f"Results are not written to {sheet.name}: an API key can only read; sign in with pressrun auth sheets"
        )
        self._active = sheet.can_write

    def add_rows(self, state: SheetState, queued: Mapping[int, str]) -> None:
        """Remember the rows of a plan. `queued` are the numbers of the rows that are made, with their titles."""
        accepted = {row.number for row in state.rows.accepted}
        matches = {number: match for number, match in state.matches.items() if number in accepted}
        results = adopted_results(state, self._ledger)
        rows = {match.id: match.digest for match in matches.values()}
        titles = {matches[number].digest: title for number, title in queued.items()}
        self._ledger.add_rows(rows, results, titles, self._sheet.name)

    def write(self, state: SheetState | None = None) -> bool:
        """Write all results that the sheet does not show yet. Return False if that was not possible.

        `state` is the sheet as it was read last; it is read again after every write, until nothing differs.
        """
        if not self._active:
            return False
        try:
            for attempt in range(MAX_ROUNDS):
                if state is None:
                    state = read_state(self._sheet, self._reading, self._ledger, fresh=attempt == 0)
                else:
                    state = identify_rows(state.table, self._reading, self._ledger)
                if state.rows.header is None:
                    self._stop("it has no row with the names of the columns")
                    return False
                if not self._sheet.store(state.table, state.rows.header, result_cells(state, self._ledger)):
                    break
                state = None
        except PermissionError as error:
            self._stop(f"you can view it but not edit it. {error.remedy.rstrip('.')}")
            return False
        except Exception as error:
            known = to_pressrun_error(error)
            self.warning = _describe(self._sheet, known)
            return False
        self.warning = ""
        return True

    def notify(self) -> None:
        """Note that the ledger has changed."""
        self._changed.set()

    def start(self) -> None:
        """Start to write changes now and then."""
        if self._active:
            self._thread = threading.Thread(target=self._write_repeatedly, name="sheet", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop the thread, and write what is left."""
        self._ending.set()
        if self._thread:
            self._thread.join()
        self.write()

    def _write_repeatedly(self) -> None:
        while not self._ending.wait(WRITE_INTERVAL):
            if self._changed.is_set():
                self._changed.clear()
                if not self.write():
                    self._changed.set()

    def _stop(self, why: str) -> None:
        self._active = False
        self.warning = f"Results are not written to {self._sheet.name}: {why}"


def _describe(sheet: Sheet, error: PressrunError) -> str:
    return f"The results could not be written to {sheet.name}: {error.message}. They are written by the next run"


def _rounded(value: float | None, digits: int) -> float | str:
    return "" if value is None else round(value, digits)
