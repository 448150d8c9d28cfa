"""Reading and writing a Google sheet, with Google's client library and a server on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.loopback.google_sheets import (
    API_KEY,
    REFRESH,
    ROBOT,
    SPREADSHEET,
    Date,
    Fault,
    Formula,
    Spreadsheets,
    write_token,
)
from tests.unit.kinds.ideas.conftest import HEADER, QUICK, idea

from pressrun.errors import (
    AuthenticationError,
    NetworkError,
    PermissionError,
    PressrunError,
    QuotaExceededError,
    RowsError,
    ServerError,
    SheetsUnavailableError,
    UsageError,
)
from pressrun.kinds.ideas.rows.reading import read_table
from pressrun.kinds.ideas.sheets.google_sheet import GoogleSheet
from pressrun.kinds.ideas.sheets.opening import open_google_sheet
from pressrun.kinds.ideas.sheets.table import RESULT_COLUMNS, ResultCells
from pressrun.redaction import redact

Opener = Callable[..., GoogleSheet]


def test_documented_headers_and_real_cells_are_read(server: Spreadsheets, open_sheet: Opener) -> None:
    row = idea(1)
    row[0], row[4], row[6] = Formula('="Bees "&2', "Bees 2"), 90.5, Date(46000, "9. Dez. 2025")
    server.add([HEADER, row, [], [*idea(2)[:9], True]])
    rows = read_table(open_sheet().read().table)
    assert rows.header == 1
    [read] = rows.accepted
    assert (read.number, read.idea.idea_title, read.idea.script_content) == (2, "Bees 2", "9. Dez. 2025")
    assert read.idea.duration_seconds == 91
    assert read.idea.platform_preferences == ("youtube", "tiktok")
    assert read.idea.style_override == "modern"
    assert [each.number for each in rows.rejected] == [4]
    assert "priority: found true" in str(rows.rejected[0])
    assert server.reads == 3


def test_text_with_a_decimal_comma_and_failed_formulas_are_understood(
    server: Spreadsheets, open_sheet: Opener
) -> None:
    first, second = idea(1), idea(2)
    first[4], second[6] = "2,5 min", Formula("=A99", "#REF!")
    server.add([HEADER, first, second])
    rows = read_table(open_sheet().read().table)
    assert rows.accepted[0].idea.duration_seconds == 150
    assert str(rows.rejected[0]) == (
        'Row 3, script_content: found "#REF!"; expected a value; the formula in this cell fails'
    )


def test_merged_cells_banners_and_hidden_rows(server: Spreadsheets, open_sheet: Opener) -> None:
    first, second, third = idea(1), idea(2), idea(3)
    second[3] = ""
    server.add(
        [["Our spring campaign"], HEADER, first, second, third], merges=[(0, 1, 0, 10), (2, 4, 3, 4)], hidden_rows={4}
    )
    table = open_sheet().read()
    rows = read_table(table.table)
    assert rows.header == 2
    assert [(row.number, row.idea.tone) for row in rows.accepted] == [(3, "calm"), (4, "calm")]
    assert table.warnings == (
        "Row 1 is one merged cell and was read as a heading",
        "Row 5 is hidden and left out; show hidden rows to include them",
    )


@pytest.mark.parametrize(
    ("range_", "address", "titles"),
    [
        ("", SPREADSHEET, ["Idea 1"]),
        ("Later", SPREADSHEET, ["Idea 8", "Idea 9"]),
        ("'later'!A1:J2", SPREADSHEET, ["Idea 8"]),
        ("A1:J", f"https://docs.google.com/spreadsheets/d/{SPREADSHEET}/edit#gid=100", ["Idea 8", "Idea 9"]),
        ("Later!A3:J", SPREADSHEET, ["Idea 9"]),
        ("A1:Z1000", f"https://docs.google.com/spreadsheets/d/{SPREADSHEET}/edit?gid=100", ["Idea 8", "Idea 9"]),
        ("Q1", SPREADSHEET, ["Idea 5"]),
        ("spring_list", SPREADSHEET, ["Idea 8"]),
    ],
)
def test_tabs_and_ranges(
    server: Spreadsheets, open_sheet: Opener, range_: str, address: str, titles: list[str]
) -> None:
    server.add([HEADER, idea(1)])
    server.add([HEADER, idea(8), idea(9)], "Later")
    server.add([HEADER, idea(5)], "Q1", row_count=2, column_count=10)
    server.named_ranges["spring_list"] = {
        "sheetId": 100, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 10,
    }
    rows = read_table(open_sheet(range_, address).read().table)
    assert [row.idea.idea_title for row in rows.accepted] == titles


@pytest.mark.parametrize(
    ("range_", "address", "message", "remedy"),
    [
        ("Nope!A1:B", SPREADSHEET, 'has no tab "Nope"', "Its tabs are: Ideas."),
        ("A2000:B", SPREADSHEET, 'is outside the tab "Ideas", which has 1000 rows', "smaller range"),
        ("", f"https://docs.google.com/spreadsheets/d/{SPREADSHEET}#gid=9", "has no tab with gid 9", "Ideas"),
        ("A:5", SPREADSHEET, "not in A1 notation", "A1:J100"),
    ],
)
def test_a_bad_range_is_explained(
    server: Spreadsheets, open_sheet: Opener, range_: str, address: str, message: str, remedy: str
) -> None:
    server.add([HEADER, idea(1)])
    with pytest.raises(RowsError, match=message) as caught:
        open_sheet(range_, address).read()
    assert remedy in caught.value.remedy


def test_an_empty_range_has_no_rows(server: Spreadsheets, open_sheet: Opener) -> None:
    server.add([HEADER, idea(1)])
    with pytest.raises(RowsError, match="There are no rows"):
        read_table(open_sheet("A900:J").read().table)


def test_a_sheet_that_does_not_exist_or_is_not_shared(server: Spreadsheets, open_sheet: Opener) -> None:
    with pytest.raises(SheetsUnavailableError, match=r"There is no Google sheet with the ID 1AbC") as missing:
        open_sheet("", "1AbC").read()
    assert "Copy the URL" in missing.value.remedy
    server.add([HEADER, idea(1)])
    server.editors.clear()
    with pytest.raises(PermissionError, match="is not shared with you") as caught:
        open_sheet().read()
    assert caught.value.remedy == f"In Google Sheets, share the sheet with {ROBOT}."


@pytest.mark.parametrize(
    ("fault", "kind", "message"),
    [
        (Fault(403, "SERVICE_DISABLED"), SheetsUnavailableError, "not enabled in your project"),
        (Fault(403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), AuthenticationError, "permission for sheets"),
        (Fault(400, "FAILED_PRECONDITION", "This operation is not supported for this document"),
         SheetsUnavailableError, "Excel file in Google Drive"),
        (Fault(400, "INVALID_ARGUMENT", "Unable to parse range"), RowsError, "Unable to parse range"),
    ],
)  # fmt: skip
def test_errors_of_the_service_have_a_remedy(
    server: Spreadsheets, open_sheet: Opener, fault: Fault, kind: type[PressrunError], message: str
) -> None:
    server.add([HEADER, idea(1)])
    server.faults = [fault]
    with pytest.raises(kind, match=message) as caught:
        open_sheet().read()
    assert caught.value.remedy
    assert server.reads == 1


def test_a_quota_is_waited_for_as_long_as_the_server_asks(server: Spreadsheets, open_sheet: Opener) -> None:
    server.add([HEADER, idea(1)])
    sheet, waits = open_sheet(), list[float]()
    sheet.client.sleep = waits.append
    server.faults = [Fault(429, "RATE_LIMIT_EXCEEDED", retry_after="7"), Fault(503), None]
    assert len(sheet.read().table.lines) == 2
    assert waits[0] == 7
    assert len(waits) == 2


@pytest.mark.parametrize(("status", "kind"), [(429, QuotaExceededError), (503, ServerError)])
def test_retries_end(
    server: Spreadsheets, open_sheet: Opener, status: int, kind: type[PressrunError]
) -> None:
    server.add([HEADER, idea(1)])
    server.faults = [Fault(status) for _ in range(9)]
    with pytest.raises(kind):
        open_sheet().read()
    assert server.reads == QUICK.max_retries + 1


def test_a_server_that_is_away(server: Spreadsheets, open_sheet: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_SHEETS_API", "http://127.0.0.1:9/")
    with pytest.raises(NetworkError, match="Google Sheets did not respond"):
        open_sheet().read()


def test_results_get_columns_of_their_own_and_stay_text(server: Spreadsheets, open_sheet: Opener) -> None:
    tab = server.add([[*HEADER, "Notes"], [*idea(1), "keep me"], idea(2)], column_count=11)
    sheet = open_sheet("A1:J")
    table = sheet.read()
    cells = {2: ResultCells("failed", "", "=SUM(A1)", 0.25, 3.5, "id.1"), 3: ResultCells("queued", id="id.2")}
    assert sheet.store(table, 1, cells)
    assert tab.rows[0][11:] == list(RESULT_COLUMNS)
    assert tab.rows[1][10:] == ["keep me", "failed", "", "=SUM(A1)", 0.25, 3.5, "id.1"]
    assert tab.hidden_columns == {16}
    assert tab.column_count == 17
    again = sheet.read()
    assert again.results == cells
    assert not sheet.store(again, 1, cells)
    assert server.writes == 2


def test_result_columns_are_found_by_name_wherever_they_were_moved(server: Spreadsheets, open_sheet: Opener) -> None:
    tab = server.add([["video url", *HEADER, "Video Status"], ["", *idea(1), ""]])
    sheet = open_sheet()
    table = sheet.read()
    assert [row.idea.idea_title for row in read_table(table.table).accepted] == ["Idea 1"]
    sheet.store(table, 1, {2: ResultCells("done", "https://v.example/1")})
    assert tab.rows[1][0] == "https://v.example/1"
    assert tab.rows[1][11] == "done"
    assert tab.rows[0][12:] == ["Video error", "Video cost", "Video time", "Pressrun ID"]


def test_an_api_key_reads_a_link_shared_sheet_and_a_signed_in_person_their_own(
    server: Spreadsheets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add([HEADER, idea(1)])
    monkeypatch.delenv("PRESSRUN_GOOGLE_CREDENTIALS")
    with pytest.raises(AuthenticationError, match="There are no credentials for Google Sheets") as caught:
        open_google_sheet(SPREADSHEET)
    assert "pressrun auth sheets" in caught.value.remedy
    monkeypatch.setenv("PRESSRUN_SHEETS_API_KEY", API_KEY)
    sheet = open_google_sheet(SPREADSHEET, retry=QUICK)
    with pytest.raises(PermissionError) as shared:
        sheet.read()
    assert "Anyone with the link" in shared.value.remedy
    server.link_shared = True
    assert len(sheet.read().table.lines) == 2
    assert not sheet.can_write
    monkeypatch.setenv("PRESSRUN_SHEETS_API_KEY", "another-key-entirely")
    with pytest.raises(AuthenticationError, match="API key not valid"):
        open_google_sheet(SPREADSHEET, retry=QUICK).read()
    token = write_token(tmp_path / "token.json", server)
    monkeypatch.setenv("PRESSRUN_SHEETS_TOKEN_FILE", str(token))
    server.link_shared = False
    assert open_google_sheet(SPREADSHEET, retry=QUICK).can_write
    assert len(open_google_sheet(SPREADSHEET, retry=QUICK).read().table.lines) == 2
    assert REFRESH not in redact(f"a secret {REFRESH}")
    token.write_text(token.read_text().replace(REFRESH, "revoked-token-0123"))
    with pytest.raises(AuthenticationError, match="Google did not accept the credentials"):
        open_google_sheet(SPREADSHEET, retry=QUICK).read()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"type": "service_account"}', '{"installed": {}}'])
def test_a_file_without_credentials_is_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    with pytest.raises(AuthenticationError, match="do not exist"):
        open_google_sheet(SPREADSHEET, credentials=path)
    path.write_text(content)
    with pytest.raises(AuthenticationError, match=r"wrong\.json") as caught:
        open_google_sheet(SPREADSHEET, credentials=path)
    assert caught.value.remedy


def test_an_address_that_is_no_sheet(server: Spreadsheets) -> None:
    with pytest.raises(UsageError, match="is no Google sheet"):
        open_google_sheet("https://example.com/x")
