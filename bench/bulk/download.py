"""The ZIP archive of a batch with 2 GB of videos: memory, first byte, length, and a download that is cut 20 times."""

from __future__ import annotations

import hashlib
import random
import statistics
import tempfile
import time
import zipfile
from pathlib import Path

import httpx
from tests.loopback.queue_api import KEY
from tests.manual_worker import ManualWorker, new_batch
from tests.run_files import describe_file, make_run_folder, report_files

from bench.bulk.api_process import api_process
from bench.queueing.world import database
from bench.report import Figure
from pressrun.api.tokens import create_token

USER = "bench"
VIDEOS = 4
VIDEO_BYTES = 512 << 20
SHORT_BYTES = 48 << 20
BLOCK_BYTES, BLOCK_DISTANCE = 4096, 7 << 20
CUTS = 20
FIRST_BYTE_TRIES = 5
CHUNK_BYTES = 1 << 16


def measure(url: str, *, short: bool) -> list[Figure]:
    size = SHORT_BYTES if short else VIDEO_BYTES
    target = database(url, "download")
    with (
        tempfile.TemporaryDirectory() as folder,
        target.queue(USER) as queue,
        ManualWorker(target.url) as worker,
    ):
        workspace = Path(folder)
        batch = new_batch(queue, VIDEOS)
        for number in range(VIDEOS):
            job = worker.claim()
            assert job
            make_run_folder(workspace / "runs", job, {})
            video = workspace / "runs" / f"job-{job.id}" / "video.mp4"
            _write_sparse(video, size, number)
            report_files(worker, job, [describe_file(video, "video.mp4")])
            worker.finish(job)
        with api_process(target.url, workspace) as (address, process):
            headers = {"Authorization": f"Bearer {create_token(USER, key=KEY)}"}
            with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
                return _download(client, f"/api/bulk-jobs/{batch}/download", process, workspace / "whole.zip")


def _write_sparse(path: Path, size: int, seed: int) -> None:
    """Write a file of mostly holes, with blocks that differ, so that bytes in the wrong place are noticed."""
    with path.open("wb") as file:
        file.truncate(size)
        for number, start in enumerate(range(0, size, BLOCK_DISTANCE)):
            file.seek(start)
            file.write(hashlib.sha256(f"{seed} {number}".encode()).digest() * (BLOCK_BYTES // 32))


def _download(client: httpx.Client, path: str, process: int, copy: Path) -> list[Figure]:
    first_bytes = []
    for _ in range(FIRST_BYTE_TRIES):
        clock = time.perf_counter()
        with client.stream("GET", path) as answer:
            next(answer.iter_raw())
            first_bytes.append(time.perf_counter() - clock)
    before = _reset_peak_memory(process)
    whole, received = hashlib.sha256(), 0
    with client.stream("GET", path) as answer, copy.open("wb") as file:
        declared = int(answer.headers["content-length"])
        for chunk in answer.iter_raw(CHUNK_BYTES):
            whole.update(chunk)
            file.write(chunk)
            received += len(chunk)
    with zipfile.ZipFile(copy) as archive:
        damaged = archive.testzip()
    resumed = _download_with_cuts(client, path, declared)
    extra = _peak_memory(process) - before
    return [
        Figure("ZIP: size", declared / 1e9, "GB"),
        Figure("ZIP: extra memory of the API", extra / 2**20, "MiB", required=32),
        Figure("ZIP: first byte, median", statistics.median(first_bytes) * 1000, "ms", required=200),
        Figure("ZIP: bytes sent beyond or short of Content-Length", abs(received - declared), "", required=0),
        Figure("ZIP: damaged entries", int(damaged is not None), "", required=0),
        Figure(f"ZIP: downloads that differ after {CUTS} cuts", int(resumed != whole.hexdigest()), "", required=0),
    ]


def _download_with_cuts(client: httpx.Client, path: str, size: int) -> str:
    """Download the archive again over connections that are cut at random places; return its SHA-256."""
    cuts = [*sorted(random.Random(7).sample(range(1, size), CUTS)), size]
    digest, position, etag = hashlib.sha256(), 0, ""
    for cut in cuts:
        headers = {"Range": f"bytes={position}-", "If-Range": etag} if position else {}
        with client.stream("GET", path, headers=headers) as answer:
            assert answer.status_code == (206 if position else 200), answer.status_code
            etag = answer.headers["etag"]
            for chunk in answer.iter_raw(CHUNK_BYTES):
                wanted = chunk[: cut - position]
                digest.update(wanted)
                position += len(wanted)
                if position == cut:
                    break
    return digest.hexdigest()


def _reset_peak_memory(process: int) -> int:
    """Reset the highest memory use of a process, and return its use now in bytes. Linux only."""
    Path(f"/proc/{process}/clear_refs").write_text("5")
    return _status_bytes(process, "VmRSS")


def _peak_memory(process: int) -> int:
    return _status_bytes(process, "VmHWM")


def _status_bytes(process: int, name: str) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
