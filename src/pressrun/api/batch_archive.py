"""The ZIP archive of a batch: a folder for each item, and a manifest with checksums, failures and their reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from pressrun.api.results import rest_state
from pressrun.api.zip_archive import ZipArchive, ZipEntry, bytes_entry
from pressrun.jobs.states import JobStatus
from pressrun.kinds.products import parse_products
from pressrun.kinds.run_store.content import ContentFinder
from pressrun.store.slug import slug

MANIFEST_NAME = "manifest.json"
ENDED_JOBS = (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.SKIPPED)
UNREACHABLE = "not within reach of the API: it is on the machine of a worker, or was removed"


def make_archive(
    batch: Mapping[str, Any], jobs: Sequence[Mapping[str, Any]], finder: ContentFinder
) -> ZipArchive:
    """Return the archive of a row of `batches` and its rows of `jobs`. No file is read for it.

    Equal results make equal archives, so that an interrupted download can be resumed.
    """
    finder.prepare(jobs)
    digits = len(str(max((job["position"] for job in jobs), default=1)))
    entries: list[ZipEntry] = []
    items = []
    for job in jobs:
        folder = f"{job['position']:0{digits}d}_{slug(job['title'])}"
        item, files = _describe(job), []
        for product in parse_products(job["files"]):
            content = finder.find(job, product)
            path = f"{folder}/{product.name}"
            listed = {
                "name": product.name, "path": path if content else None, "type": product.type, "size": product.size,
                "sha256": product.sha256,
            }
            files.append(listed if content else {**listed, "missing": UNREACHABLE})
            if content:
                changed = job["finished_at"] or job["updated_at"]
                entries.append(
                    ZipEntry(path, product.size, product.crc32, changed, content.read, product.sha256)
                )
        items.append({**item, "files": files})
    return ZipArchive([bytes_entry(MANIFEST_NAME, _manifest(batch, items), _last_change(batch, jobs)), *entries])


def _describe(job: Mapping[str, Any]) -> dict[str, Any]:
    error = job["error"] or {}
    return {
        "row": job["position"],
        "title": job["title"],
        # Only an end changes the archive, so a download is not cut off by items that wait or run.
        "state": rest_state(job["state"]) if job["state"] in ENDED_JOBS else "pending",
        "error": {name: error.get(name, "") for name in ("kind", "message", "remedy")} if error else None,
    }


def _manifest(batch: Mapping[str, Any], items: list[dict[str, Any]]) -> bytes:
    counts = {name: batch[name] for name in ("total", "completed", "failed", "skipped", "canceled")}
    data = {"id": batch["id"], "title": batch["title"], "state": batch["state"], "items_status": counts, "items": items}
    return msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n"


def _last_change(batch: Mapping[str, Any], jobs: Sequence[Mapping[str, Any]]) -> datetime:
    times = [job["finished_at"] for job in jobs if job["finished_at"]]
    changed: datetime = max(times, default=batch["created_at"])
    return changed.astimezone(UTC)
