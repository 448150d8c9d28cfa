"""Send requests to Google Sheets through Google's client library, with back-off and errors that have a remedy."""

from __future__ import annotations

import http.client
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pressrun import redaction
from pressrun.errors import (
    AuthenticationError,
    NetworkError,
    PermissionError,
    PressrunError,
    QuotaExceededError,
    RowsError,
    ServerError,
    SheetsUnavailableError,
)
from pressrun.services.publishers.youtube.api_errors import reason_of
from pressrun.services.sheets.access import Access, api_address
from pressrun.services.sheets.address import SheetAddress

TIMEOUT = 60.0
"""Seconds without a byte after which a connection counts as dropped. A large sheet takes a while to be computed."""
MAX_RETRY_AFTER = 300.0
"""Seconds up to which a `Retry-After` is followed; the quota of Google Sheets is renewed every minute."""
JITTER = 0.1
_QUOTA_STATUS = 429
_OFFICE_FILE = "not supported for this document"


@dataclass(frozen=True)
class RetryPolicy:
    """How often a request is retried, and after how many seconds."""

    initial_delay: float = 1.0
    max_delay: float = 60.0
    max_retries: int = 5
    multiplier: float = 3.0

    def delay(self, retry: int) -> float:
        """Return the seconds before a retry; the first one is 0."""
        return min(self.max_delay, self.initial_delay * self.multiplier**retry)


@dataclass
class SheetsClient:
    """The Google Sheets API for one way to sign in. Not thread-safe: neither is the library."""

    access: Access
    retry: RetryPolicy = RetryPolicy()
    sleep: Callable[[float], object] = time.sleep
    reads: int = 0
    """Requests that were sent so far, retries included."""
    writes: int = 0
    _resources: tuple[Any, Any] | None = field(default=None, repr=False)

    def get_metadata(self, sheet: SheetAddress) -> dict[str, Any]:
        """Return the titles, sizes and merged cells of all tabs, and the named ranges."""
        fields = (
            "properties(title,locale),namedRanges(name,range),"
            "sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount)),merges)"
        )
        return self._read(sheet, lambda api, _: api.get(spreadsheetId=sheet.id, fields=fields))

    def get_hidden_rows(self, sheet: SheetAddress, range_: str) -> frozenset[int]:
        """Return the zero-based indexes of the rows that the user or a filter hides."""
        fields = "sheets(data(startRow,rowMetadata(hiddenByUser,hiddenByFilter)))"
        reply = self._read(sheet, lambda api, _: api.get(spreadsheetId=sheet.id, ranges=[range_], fields=fields))
        return frozenset(
            int(data.get("startRow", 0)) + index
            for tab in reply.get("sheets", ())
            for data in tab.get("data", ())
            for index, row in enumerate(data.get("rowMetadata", ()))
            if row.get("hiddenByUser") or row.get("hiddenByFilter")
        )

    def get_cells(self, sheet: SheetAddress, ranges: Sequence[str]) -> list[list[list[Any]]]:
        """Return the rows of each range: text, numbers and booleans. Formulas have their result, dates their text."""
        reply = self._read(
            sheet,
            lambda _, values: values.batchGet(
                spreadsheetId=sheet.id, ranges=list(ranges), majorDimension="ROWS",
                valueRenderOption="UNFORMATTED_VALUE", dateTimeRenderOption="FORMATTED_STRING",
            ),
        )
        found = reply.get("valueRanges", ())
        if len(found) != len(ranges):
            raise _network_error("its reply is incomplete")
        return [[list(row) for row in each.get("values", ())] for each in found]

    def write_cells(self, sheet: SheetAddress, cells: Mapping[str, list[list[Any]]]) -> None:
        """Write ranges as they are: text that looks like a formula stays text."""
        data = [{"range": range_, "majorDimension": "ROWS", "values": values} for range_, values in cells.items()]
        body = {"valueInputOption": "RAW", "data": data}
        self._write(sheet, lambda _, values: values.batchUpdate(spreadsheetId=sheet.id, body=body))

    def update_layout(self, sheet: SheetAddress, requests: Sequence[Mapping[str, Any]]) -> None:
        """Change columns: append them or hide them."""
        body = {"requests": list(requests)}
        self._write(sheet, lambda api, _: api.batchUpdate(spreadsheetId=sheet.id, body=body))

    def _read(self, sheet: SheetAddress, request: Callable[[Any, Any], Any]) -> dict[str, Any]:
        def send() -> Any:
            self.reads += 1
            return request(*self._api()).execute(num_retries=0)

        return self._send(sheet, send, "read")

    def _write(self, sheet: SheetAddress, request: Callable[[Any, Any], Any]) -> dict[str, Any]:
        def send() -> Any:
            self.writes += 1
            return request(*self._api()).execute(num_retries=0)

        return self._send(sheet, send, "write to")

    def _send(self, sheet: SheetAddress, send: Callable[[], Any], what: str) -> dict[str, Any]:
        """Return the reply. Reading, and writing fixed values to fixed cells, can be repeated safely."""
        retry = 0
        while True:
            try:
                return self._send_once(sheet, send, what)
            except (NetworkError, ServerError, QuotaExceededError) as error:
                wait = getattr(error, "retry_after", None)
                if retry >= self.retry.max_retries or (wait or 0) > MAX_RETRY_AFTER:
                    raise
                delay = self.retry.delay(retry) * (1 + JITTER * random.random())
                self.sleep(max(delay, wait or 0.0))
                retry += 1

    def _send_once(self, sheet: SheetAddress, send: Callable[[], Any], what: str) -> dict[str, Any]:
        import httplib2
        from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
        from googleapiclient.errors import HttpError

        try:
            reply = send()
        except HttpError as error:
            raise self._api_error(error, sheet, what) from error
        except TransportError as error:
            raise _network_error(redaction.redact(str(error))[:200]) from error
        except (RefreshError, GoogleAuthError) as error:
            detail = redaction.redact(str(error.args[0] if error.args else error))[:200]
            raise AuthenticationError(
                f"Google did not accept the credentials: {detail}",
                remedy="Sign in again: pressrun auth sheets. For a service account, download a new key.",
            ) from error
        except (OSError, http.client.HTTPException, httplib2.HttpLib2Error) as error:
            raise _network_error(redaction.redact(str(error)) or type(error).__name__) from error
        if not isinstance(reply, dict):
            raise _network_error("its reply is invalid")
        return reply

    def _api_error(self, error: Any, sheet: SheetAddress, what: str) -> PressrunError:
        status = int(error.status_code)
        reason, message = reason_of(error.content)
        detail = redaction.redact(message)[:300] or f"HTTP {status}"
        if status == _QUOTA_STATUS:
            quota = QuotaExceededError(
                "Google Sheets received too many requests in a minute and did not accept more",
                remedy="Run the same command again in a minute, or request a higher quota in Google's console.",
            )
            vars(quota)["retry_after"] = _retry_after(error.resp.get("retry-after"))
            return quota
        if status in (408, 500, 502, 503, 504):
            server = ServerError(f"Google Sheets did not respond: {detail}", remedy="Run the same command again later.")
            vars(server)["retry_after"] = _retry_after(error.resp.get("retry-after"))
            return server
        if status == 404:
            return SheetsUnavailableError(
                f"There is no Google sheet with the ID {sheet.id}",
                remedy="Copy the URL of the sheet from your browser.",
            )
        if reason in ("SERVICE_DISABLED", "accessNotConfigured"):
            return SheetsUnavailableError(
                "The Google Sheets API is not enabled in your project",
                remedy="Enable it in Google's console, wait a few minutes, and run the same command again.",
            )
        if reason in ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"):
            return AuthenticationError(
                "The sign-in does not include the permission for sheets", remedy="Sign in: pressrun auth sheets."
            )
        if status == 401 or "API key" in message:
            return AuthenticationError(
                f"Google did not accept the credentials: {detail}",
                remedy="Sign in again: pressrun auth sheets. With an API key, check PRESSRUN_SHEETS_API_KEY.",
            )
        if status == 403:
            problem = "is not shared with you" if what == "read" else "cannot be edited"
            return PermissionError(f"The Google sheet {sheet.id} {problem}", remedy=self.access.sharing_remedy)
        if _OFFICE_FILE in message:
            return SheetsUnavailableError(
                f"{sheet.id} is an Excel file in Google Drive, not a Google sheet",
                remedy="Open it and choose File > Save as Google Sheets, or download it and use the file.",
            )
        return RowsError(f"Google Sheets could not {what} the sheet: {detail}", remedy="Check the range and the sheet.")

    def _api(self) -> tuple[Any, Any]:
        """Return the resources for spreadsheets and for their values. The library takes 0.1 s to describe each."""
        if self._resources is None:
            spreadsheets = open_service(self.access).spreadsheets()
            self._resources = spreadsheets, spreadsheets.values()
        return self._resources


def open_service(access: Access) -> Any:
    """Open the Google Sheets API with the description bundled with the library, without a request."""
    import httplib2
    from google_auth_httplib2 import AuthorizedHttp
    from googleapiclient.discovery import build

    address = api_address()
    plain: Any = httplib2.Http(timeout=TIMEOUT, **({"proxy_info": None} if address else {}))
    plain.follow_redirects = False  # credentials go to no other host
    sender = AuthorizedHttp(access.credentials, http=plain) if access.credentials is not None else plain
    return build(
        "sheets", "v4", http=sender, static_discovery=True, cache_discovery=False,
        developerKey=access.api_key.reveal() if access.api_key else None,
        client_options={"api_endpoint": address} if address else None,
    )


def _retry_after(value: str | None) -> float | None:
    """Return the seconds of a `Retry-After` header: a number, or a date."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _network_error(why: str) -> NetworkError:
    return NetworkError(f"Google Sheets did not respond: {why}", remedy="Check the network, and run it again.")
