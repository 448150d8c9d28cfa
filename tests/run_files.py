"""Run folders of jobs in the queue with files of our own, as a worker would have left them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb
from tests.manual_worker import ClaimedJob, ManualWorker

from pressrun.kinds.products import DEFAULT_TYPE, Product, file_crc32
from pressrun.kinds.run_store.folders import item_id
from pressrun.services.bucket_files import CONTENT_TYPES
from pressrun.store import json_files
from pressrun.store.run_folder import ITEM, Item, file_sha256


def describe_file(path: Path, name: str, stage: str = "render") -> dict[str, Any]:
    """Return a file as the queue stores it."""
    kind = CONTENT_TYPES.get(Path(name).suffix, DEFAULT_TYPE)
    return vars(Product(name, stage, kind, path.stat().st_size, file_sha256(path), file_crc32(path)))


def make_run_folder(runs: Path, job: ClaimedJob, contents: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Create the run folder of a job with these files; return them as the queue stores them."""
    folder = runs / f"job-{job.id}"
    folder.mkdir(parents=True)
    item = Item(item_id(job.batch_id, job.id), "idea-video", "Idea", None, {}, {})
    json_files.save(folder / ITEM, item)
    listed = []
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        listed.append(describe_file(folder / name, name))
    return listed


def report_files(worker: ManualWorker, job: ClaimedJob, files: list[dict[str, Any]]) -> None:
    """Report the run folder and the files of a job as its worker."""
    now = {"run_folder": f"runs/job-{job.id}", "files": files}
    worker.execute("SELECT report(%s, %s, %s, '[]', '[]')", job.id, job.attempt, Jsonb(now))


def sample(size: int, seed: int = 0) -> bytes:
    """Return bytes that differ from place to place."""
    block = b"".join(hashlib.sha256(f"{seed} {number}".encode()).digest() for number in range(64))
    return (block * (size // len(block) + 1))[:size]
