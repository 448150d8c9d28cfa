"""Receive the files of workers whose disks the API cannot see, in chunks, and check that they arrived unchanged."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from pressrun.error_reports import no_space_error
from pressrun.errors import BodyTimeoutError, NoSpaceError, UsageError
from pressrun.kinds.products import Product
from pressrun.kinds.run_store.content import received_path
from pressrun.kinds.run_store.location import RunLocation
from pressrun.store import atomic

CHUNK_BYTES = 1 << 20
CHUNK_TIMEOUT = 60.0
"""Seconds in which the next bytes must arrive."""
MIN_FREE_BYTES = 64 << 20
"""Disk space that uploads leave for everything else."""
SEND_AGAIN = "Upload the file again, as it was when its stage ended."


async def receive_file(request: Request, job: Mapping[str, Any], product: Product, location: RunLocation) -> None:
    """Store the body of the request as a product of a row of `jobs`. Safe to repeat.

    The file appears only once it is complete and has the hash that its worker reported. Raises `UsageError` for other
    content, `NoSpaceError`, and `BodyTimeoutError`.
    """
    declared = request.headers.get("content-length", "")
    if declared != str(product.size):
        raise UsageError(f"{product.name} has {product.size:,} bytes, not {declared or 'unknown'}", remedy=SEND_AGAIN)
    path = received_path(location, job, product)
    try:
        await run_in_threadpool(_reserve, path.parent, product.size)
        # A name of its own: two attempts may upload the same file at once.
        part = path.with_name(f".{secrets.token_hex(8)}{atomic.PART_SUFFIX}")
        try:
            digest = await _write_body(request, part, product.size)
            if digest != product.sha256:
                raise UsageError(f"{product.name} does not have the content that was reported", remedy=SEND_AGAIN)
            await run_in_threadpool(_publish, part, path)
        finally:
            await run_in_threadpool(part.unlink, missing_ok=True)
    except OSError as error:
        if full := no_space_error(error, path.parent):
            raise full from error
        raise


def _reserve(folder: Path, size: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < size + MIN_FREE_BYTES:
        raise NoSpaceError(f"There is no disk space for {size:,} bytes", remedy="Free disk space on the server.")


async def _write_body(request: Request, part: Path, size: int) -> str:
    """Write the body to `part` and return its SHA-256. At most a chunk and what the server reads ahead is in memory."""
    digest, buffer, written = hashlib.sha256(), bytearray(), 0
    chunks = request.stream()
    with part.open("xb") as file:

        def write() -> None:
            digest.update(buffer)
            file.write(buffer)
            buffer.clear()

        while True:
            try:
                async with asyncio.timeout(CHUNK_TIMEOUT):
                    chunk = await anext(chunks, None)
            except TimeoutError:
                raise BodyTimeoutError("The upload stopped", remedy=SEND_AGAIN) from None
            if chunk is None:
                break
            written += len(chunk)
            if written > size:
                raise UsageError(f"The body has more than {size:,} bytes", remedy=SEND_AGAIN)
            buffer += chunk
            if len(buffer) >= CHUNK_BYTES:
                await run_in_threadpool(write)
        await run_in_threadpool(write)
    return digest.hexdigest()


def _publish(part: Path, path: Path) -> None:
    """Make a complete file durable under its name."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(path)
    atomic.sync_folder(path.parent)
