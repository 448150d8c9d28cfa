"""The finished files of an item that its owner can download, and what the results say about them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from pressrun.model.stage import Pipeline
from pressrun.services.bucket_files import CONTENT_TYPES
from pressrun.store.run_folder import RunFolder

CHUNK_BYTES = 1 << 20
DEFAULT_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Product:
    """A finished file, as the queue stores it with the job."""

    name: str
    """Path in the run folder."""
    stage: str
    """The stage that created it."""
    type: str
    """Media type."""
    size: int
    """Bytes."""
    sha256: str
    crc32: int
    """Checksum that ZIP archives store. With it, an archive can be sent from any byte without reading what precedes."""


@dataclass(frozen=True)
class Results:
    """The products of an item by their role; None for a role that no product has."""

    video: Product | None = None
    short: Product | None = None
    thumbnail: Product | None = None
    captions: Mapping[str, Product] | None = None
    """Format, e.g. "srt" -> product."""


class ProductList:
    """Lists the products of a run folder after each stage. The checksum of each version of a file is computed once."""

    def __init__(self) -> None:
        self._checksums: dict[tuple[str, str], int] = {}

    def list(self, folder: RunFolder, pipeline: Pipeline) -> tuple[dict[str, Any], ...]:
        """Return the files of all stages that succeeded, as plain data, without receipts and hidden files."""
        receipts = {stage.receipt for stage in pipeline.stages}
        found = []
        for stage in pipeline.stages:
            if folder.checkpoint.get(stage.name) != "success":
                continue
            for name, output in folder.record(stage.name).outputs.items():
                if name in receipts or any(part.startswith(".") for part in PurePosixPath(name).parts):
                    continue
                checksum = self._checksum(folder.path / name, output.sha256, output.size)
                if checksum is not None:
                    kind = CONTENT_TYPES.get(PurePosixPath(name).suffix, DEFAULT_TYPE)
                    found.append(Product(name, stage.name, kind, output.size, output.sha256, checksum))
        return tuple(map(asdict, found))

    def _checksum(self, path: Path, sha256: str, size: int) -> int | None:
        """Return the CRC-32 of a file; None if it was removed or changed since its stage ended."""
        key = (path.name, sha256)
        if key not in self._checksums:
            try:
                if path.stat().st_size != size:
                    return None
                self._checksums[key] = file_crc32(path)
            except OSError:
                return None
        return self._checksums[key]


def file_crc32(path: Path) -> int:
    """Return the CRC-32 of a file."""
    checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            checksum = zlib.crc32(chunk, checksum)
    return checksum


def parse_products(stored: Iterable[Mapping[str, Any]]) -> tuple[Product, ...]:
    """Return the products in the column `files` of a job."""
    return tuple(Product(**{name: each[name] for name in Product.__dataclass_fields__}) for each in stored)


def results_of(products: Iterable[Product], published: str | None = None) -> Results:
    """Return the products by role. `published` is the address of the video, whose file has the same name."""
    listed = tuple(products)
    main = PurePosixPath(unquote(urlsplit(published or "").path)).name

    def first(stem: str) -> Product | None:
        return next((each for each in listed if PurePosixPath(each.name).stem == stem), None)

    video = next((each for each in listed if main and each.name == main), None) or first("video")
    captions = {
        PurePosixPath(each.name).suffix[1:]: each for each in listed if PurePosixPath(each.name).stem == "captions"
    }
    short = next((each for each in listed if each.name.startswith("short.") and each.type.startswith("video/")), None)
    return Results(video, short, first("thumbnail"), captions)
