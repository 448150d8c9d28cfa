"""A server on this machine that speaks the Google Sheets API, for Google's own client library.

It stores spreadsheets with tabs, sizes, merged cells, hidden rows and columns, and who may see or edit them. It checks
signatures and tokens, counts requests, enforces the quota if it has one, and can fail at any request. `between` is
called before each request, e.g. to sort rows while a program works.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.loopback.serving import serving

ROBOT = "robot@studio.iam.gserviceaccount.com"
PERSON = "ann@studio.example"
API_KEY = "AIza-loopback-key-canary"
REFRESH = "refresh-canary-0123456789"
TOKENS = {"token-robot-canary": ROBOT, "token-person-canary": PERSON}
SPREADSHEET = "1A2B3C4D5E6F7G8H9I0Jspring"


@dataclass
class Formula:
    """A cell with a formula, and the value that it shows."""

    text: str
    value: Any


@dataclass
class Date:
    """A cell with a date: a serial number that is shown as text."""

    serial: float
    text: str


@dataclass
class Tab:
    title: str
    rows: list[list[Any]]
    id: int = 0
    row_count: int = 1000
    column_count: int = 26
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First and end row, first and end column, from 0."""
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def column(self, name: str) -> list[Any]:
        """Return the cells below a header."""
        index = self.rows[0].index(name)
        return [row[index] if index < len(row) else "" for row in self.rows[1:]]

    def sort(self, key: Callable[[list[Any]], Any], width: int | None = None) -> None:
        """Sort the rows below the header as a user does: whole rows, or only their first `width` columns."""
        body = self.rows[1:]
        if width is None:
            body.sort(key=key)
        else:
            size = max(map(len, body))
            padded = [row + [""] * (size - len(row)) for row in body]
            left = sorted((row[:width] for row in padded), key=key)
            body = [[*moved, *row[width:]] for moved, row in zip(left, padded, strict=True)]
        self.rows[1:] = body


@dataclass
class Fault:
    status: int
    reason: str = ""
    message: str = "The request failed."
    retry_after: str = ""


@dataclass
class Spreadsheets:
    """What the server has and what it saw."""

    tabs: dict[str, list[Tab]] = field(default_factory=dict)
    editors: set[str] = field(default_factory=lambda: {ROBOT, PERSON})
    viewers: set[str] = field(default_factory=set)
    link_shared: bool = False
    named_ranges: dict[str, dict[str, int]] = field(default_factory=dict)
    faults: list[Fault | None] = field(default_factory=list)
    """What happens to the next requests, in order; None is no fault."""
    between: Callable[[str], None] = lambda _name: None
    reads: int = 0
    writes: int = 0
    seen: list[str] = field(default_factory=list)
    address: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def add(self, rows: list[list[Any]], title: str = "Ideas", spreadsheet: str = SPREADSHEET, **more: Any) -> Tab:
        tabs = self.tabs.setdefault(spreadsheet, [])
        tab = Tab(title, [list(row) for row in rows], id=100 * len(tabs), **more)
        tabs.append(tab)
        return tab


@contextmanager
def google_sheets() -> Iterator[Spreadsheets]:
    """The server, on a free port of this machine, until the end of the block."""
    state = Spreadsheets()

    class Handler(_Handler):
        sheets = state

    with serving(Handler) as address:
        state.address = f"{address}/"
        yield state


@cache
def _key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def write_service_account(path: Path, sheets: Spreadsheets) -> Path:
    """Write the JSON file of a service account as Google's console offers it."""
    from cryptography.hazmat.primitives import serialization as form

    pem = _key().private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()).decode()
    account = {"type": "service_account", "project_id": "studio", "private_key_id": "1", "private_key": pem,
               "client_email": ROBOT, "client_id": "1", "token_uri": f"{sheets.address}token"}
    path.write_text(json.dumps(account), encoding="utf-8")
    return path


def write_token(path: Path, sheets: Spreadsheets) -> Path:
    """Write the token that a sign-in stores."""
    token = {"refresh_token": REFRESH, "client_id": "client", "client_secret": "secret-canary",
             "token_uri": f"{sheets.address}token"}
    path.write_text(json.dumps(token), encoding="utf-8")
    return path


class _Refused(Exception):
    def __init__(self, status: int, reason: str, message: str, retry_after: str = "") -> None:
        self.status, self.reason, self.message, self.retry_after = status, reason, message, retry_after


class _Handler(BaseHTTPRequestHandler):
    sheets: Spreadsheets
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        status, headers = 200, {}
        try:
            reply = self._answer(unquote(parts.path), query, body)
        except _Refused as error:
            status = error.status
            details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": error.reason}]
            reply = {"error": {"code": status, "message": error.message, "status": error.reason,
                               **({"details": details} if error.reason.isupper() and "_" in error.reason else {})}}
            headers = {"Retry-After": error.retry_after} if error.retry_after else {}
        content = json.dumps(reply).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": len(content)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, path: str, query: dict[str, list[str]], body: bytes) -> Any:
        if path == "/token":
            return self._token(parse_qs(body.decode()))
        found = re.fullmatch(r"/v4/spreadsheets/([^/:]+)(/values)?(:\w+)?", path)
        if not found:
            raise _Refused(404, "NOT_FOUND", "Not found.")
        name = f"{'values' if found[2] else 'spreadsheet'}{found[3] or ''}"
        self.sheets.between(name)
        with self.sheets.lock:
            self.sheets.seen.append(name)
            writes = self.command == "POST"
            self.sheets.writes += writes
            self.sheets.reads += not writes
            if self.sheets.faults and (fault := self.sheets.faults.pop(0)):
                raise _Refused(fault.status, fault.reason, fault.message, fault.retry_after)
            tabs = self._tabs(found[1], query, writes)
            if name == "spreadsheet":
                return self._metadata(tabs, query)
            if name == "values:batchGet":
                return self._values(found[1], tabs, query)
            if name == "values:batchUpdate":
                return self._write(tabs, json.loads(body))
            if name == "spreadsheet:batchUpdate":
                return self._layout(tabs, json.loads(body))
        raise _Refused(404, "NOT_FOUND", "Not found.")

    def _token(self, given: dict[str, list[str]]) -> Any:
        import jwt

        if "assertion" in given:
            claims = jwt.decode(
                given["assertion"][0], _key().public_key(), ["RS256"], audience="https://oauth2.googleapis.com/token",
                options={"verify_iat": False},
            )
            assert claims["iss"] == ROBOT
            assert "auth/spreadsheets" in claims["scope"]
            return {"access_token": "token-robot-canary", "expires_in": 3600, "token_type": "Bearer"}
        if given.get("grant_type") == ["authorization_code"]:
            return {"access_token": "token-person-canary", "expires_in": 3600, "token_type": "Bearer",
                    "refresh_token": REFRESH, "scope": "https://www.googleapis.com/auth/spreadsheets"}
        if given.get("refresh_token") != [REFRESH]:
            raise _Refused(400, "invalid_grant", "Bad request.")
        return {"access_token": "token-person-canary", "expires_in": 3600, "token_type": "Bearer"}

    def _tabs(self, spreadsheet: str, query: dict[str, list[str]], writes: bool) -> list[Tab]:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        who = TOKENS.get(token, "")
        if not who and query.get("key") != [API_KEY]:
            if "key" in query:
                raise _Refused(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.")
            raise _Refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        if spreadsheet not in self.sheets.tabs:
            raise _Refused(404, "NOT_FOUND", "Requested entity was not found.")
        may_edit = who in self.sheets.editors
        if not (may_edit or who in self.sheets.viewers or self.sheets.link_shared) or (writes and not may_edit):
            raise _Refused(403, "PERMISSION_DENIED", "The caller does not have permission")
        return self.sheets.tabs[spreadsheet]

    def _metadata(self, tabs: list[Tab], query: dict[str, list[str]]) -> Any:
        fields = query["fields"][0]
        if "rowMetadata" in fields:
            tab, first, end, _, _ = _find_range(tabs, query["ranges"][0])
            rows = [{"hiddenByFilter": True} if row in tab.hidden_rows else {} for row in range(first, end)]
            return {"sheets": [{"data": [{"startRow": first, "rowMetadata": rows}]}]}
        keys = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
        return {
            "properties": {"title": "Spring", "locale": "de_DE"},
            "namedRanges": [{"name": name, "range": area} for name, area in self.sheets.named_ranges.items()],
            "sheets": [
                {"properties": {"sheetId": tab.id, "title": tab.title, "sheetType": "GRID",
                                "gridProperties": {"rowCount": tab.row_count, "columnCount": tab.column_count}},
                 **({"merges": [dict(zip(keys, merge, strict=True)) for merge in tab.merges]} if tab.merges else {})}
                for tab in tabs
            ],
        }  # fmt: skip

    def _values(self, spreadsheet: str, tabs: list[Tab], query: dict[str, list[str]]) -> Any:
        assert query["valueRenderOption"] == ["UNFORMATTED_VALUE"]
        assert query["dateTimeRenderOption"] == ["FORMATTED_STRING"]
        found = []
        for text in query["ranges"]:
            tab, first, end, left, right = _find_range(tabs, text)
            rows = [_trim([_shown(cell) for cell in row[left:right]]) for row in tab.rows[first:end]]
            while rows and not rows[-1]:
                rows.pop()
            found.append({"range": text, "majorDimension": "ROWS", **({"values": rows} if rows else {})})
        return {"spreadsheetId": spreadsheet, "valueRanges": found}

    def _write(self, tabs: list[Tab], body: dict[str, Any]) -> Any:
        assert body["valueInputOption"] in ("RAW", "USER_ENTERED")
        for data in body["data"]:
            tab, first, _, left, _ = _find_range(tabs, data["range"])
            for down, values in enumerate(data["values"]):
                number = first + down
                tab.rows += [[] for _ in range(number + 1 - len(tab.rows))]
                row = tab.rows[number]
                for right, value in enumerate(values):
                    if value is None:
                        continue
                    row += [""] * (left + right + 1 - len(row))
                    formula = body["valueInputOption"] == "USER_ENTERED" and str(value).startswith("=")
                    row[left + right] = Formula(value, "#ERROR!") if formula else value
        return {"totalUpdatedCells": sum(len(row) for data in body["data"] for row in data["values"])}

    def _layout(self, tabs: list[Tab], body: dict[str, Any]) -> Any:
        by_id = {tab.id: tab for tab in tabs}
        for request in body["requests"]:
            [(kind, given)] = request.items()
            if kind == "appendDimension":
                by_id[given["sheetId"]].column_count += given["length"]
            elif kind == "updateDimensionProperties":
                place = given["range"]
                by_id[place["sheetId"]].hidden_columns |= set(range(place["startIndex"], place["endIndex"]))
            else:
                raise _Refused(400, "INVALID_ARGUMENT", f"Unknown request {kind}.")
        return {"replies": [{} for _ in body["requests"]]}


def _find_range(tabs: list[Tab], text: str) -> tuple[Tab, int, int, int, int]:
    """Return tab, first and end row, first and end column. Google rejects a range outside of the tab."""
    title, _, cells = text.rpartition("!")
    title = title.strip("'").replace("''", "'")
    tab = next((tab for tab in tabs if tab.title == title), None)
    found = re.fullmatch(r"([A-Z]*)(\d+):([A-Z]*)(\d+)", cells)
    if tab is None or not found:
        raise _Refused(400, "INVALID_ARGUMENT", f"Unable to parse range: {text}")
    first, end = int(found[2]) - 1, int(found[4])
    left, right = _index(found[1]) if found[1] else 0, _index(found[3]) + 1 if found[3] else tab.column_count
    if end > tab.row_count or right > tab.column_count:
        size = f"Max rows: {tab.row_count}, max columns: {tab.column_count}"
        raise _Refused(400, "INVALID_ARGUMENT", f"Range ({text}) exceeds grid limits. {size}")
    return tab, first, end, left, right


def _index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def _shown(cell: Any) -> Any:
    return cell.value if isinstance(cell, Formula) else cell.text if isinstance(cell, Date) else cell


def _trim(row: list[Any]) -> list[Any]:
    while row and row[-1] in ("", None):
        row.pop()
    return ["" if cell is None else cell for cell in row]
