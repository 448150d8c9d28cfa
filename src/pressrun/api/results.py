"""The results of items: links and facts in JSON, and the table of a whole batch as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pressrun.api.links import Links
from pressrun.jobs import queries
from pressrun.jobs.connection import Queue
from pressrun.jobs.states import BatchState, JobStatus
from pressrun.kinds.products import Product, parse_products, results_of

COLUMNS = (
    "row", "title", "state", "output_url", "short_url", "captions_srt", "captions_vtt", "thumbnail", "duration", "size",
    "sha256", "cost", "attempts", "started_at", "finished_at", "error", "remedy",
)
PAGE_ROWS = 500
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def result_view(job: Mapping[str, Any], links: Links) -> dict[str, Any]:
    """Return what a row of `jobs` has produced. Size and hash are those of the video; times are in seconds."""
    result = job["result"] or {}
    found = results_of(parse_products(job["files"]), job["output_url"])

    def link(product: Product | None) -> str | None:
        return links.file(job["batch_id"], job["position"], product.name) if product else None

    return {
        "output_url": _public_url(job["output_url"], link(found.video)),
        "short_url": _public_url(result.get("short_url"), link(found.short)),
        "captions": {name: link(product) for name, product in (found.captions or {}).items()},
        "thumbnail": link(found.thumbnail),
        "duration": result.get("duration"),
        "size": found.video.size if found.video else None,
        "sha256": found.video.sha256 if found.video else None,
    }


def _public_url(published: Any, link: str | None) -> str | None:
    """Return an address that anyone with it can open; None if nothing is published."""
    if not isinstance(published, str):
        return None
    return published if urlsplit(published).scheme in ("http", "https") else link


def batch_links(batch: Mapping[str, Any], links: Links) -> dict[str, str | None]:
    """Return the links of a row of `batches`: all files as a ZIP archive, and the table of results."""
    return {
        "output_url": links.archive(batch["id"]) if batch["completed"] else None,
        "results_url": links.table(batch["id"]),
    }


def rest_state(state: str) -> str:
    """Return the state of an item in the spelling of the REST API, which has one l in `canceled`."""
    return BatchState.CANCELED if state == JobStatus.CANCELLED else state


def write_table(queue: Queue, batch_id: str, links: Links) -> Iterator[bytes]:
    """Yield the results of a batch as CSV in UTF-8 with a byte order mark, which Excel needs. A page is in memory."""
    yield b"\xef\xbb\xbf" + _csv_lines([COLUMNS])
    after = 0
    while page := queries.job_results(queue, batch_id, after=after, size=PAGE_ROWS):
        yield _csv_lines([_table_row(job, links) for job in page])
        after = page[-1]["position"]


def _table_row(job: Mapping[str, Any], links: Links) -> tuple[Any, ...]:
    view, error = result_view(job, links), job["error"] or {}
    captions = view["captions"]
    return (
        job["position"], _plain(job["title"]), rest_state(job["state"]), view["output_url"], view["short_url"],
        captions.get("srt"), captions.get("vtt"), view["thumbnail"], view["duration"], view["size"], view["sha256"],
        job["cost"], job["attempt"], _time(job["started_at"]), _time(job["finished_at"]),
        _plain(error.get("message", "")), _plain(error.get("remedy", "")),
    )


def _plain(text: str) -> str:
    """Return a text that spreadsheets do not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _time(moment: Any) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _csv_lines(rows: list[tuple[Any, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
