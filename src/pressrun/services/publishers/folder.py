"""Publish to the `published/` folder of the workspace: one folder per publication, all or nothing.

A publication is built in a hidden folder beside its place and renamed when all of it is on the disk, so a crash leaves
nothing that looks published. `metadata.json` inside carries the marker by which `find` knows it again. A short gets a
folder of its own beside its video's: then both appear by one rename.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pressrun.error_reports import no_space_error
from pressrun.errors import BrokenFileError, PublishError
from pressrun.services.protocols import Context, Package, Progress, Published, Readiness
from pressrun.services.publishers.metadata import METADATA_FILE, describe_package, package_files
from pressrun.store import json_files
from pressrun.store.atomic import PART_SUFFIX, sync_folder
from pressrun.store.slug import slug
from pressrun.store.workspace import Workspace

NAME = "folder"
NEEDS_NETWORK = False
CHUNK_BYTES = 1 << 20
"""Bytes copied between two reports of progress."""
MAX_COPIES = 1000
"""Publications of one title; past it something is wrong and a loop must end."""

_BUILD_FOLDER = re.compile(r"\.[0-9a-f]{16}\.part")


def ready(context: Context) -> Readiness:
    place = Workspace(context.workspace).published
    if place.exists() and not place.is_dir():
        return Readiness(False, f"{place} is not a folder", "Move that file away.")
    return Readiness(True, "it is built in and needs no network")


def find(marker: str, package: Package, context: Context) -> Published | None:
    """The complete publication of this kind with this marker. One whose files were removed or changed size is none."""
    place = Workspace(context.workspace).published.absolute()
    for metadata_file in sorted(place.glob(f"[!.]*/{METADATA_FILE}")):
        metadata = _load_metadata(metadata_file)
        if metadata.get("marker") != marker or metadata.get("kind") != package.kind:
            continue
        files = metadata.get("files")
        video = metadata.get("video")
        if not isinstance(files, dict) or not isinstance(video, str) or video not in files:
            continue
        if _is_complete(metadata_file.parent, files):
            return Published((metadata_file.parent / video).as_uri(), marker, NAME, str(metadata.get("privacy", "")))
    return None


def publish(package: Package, marker: str, progress: Progress, context: Context) -> Published:
    """Copies the package to its place. The caller asked `find` first.

    Raises `PublishError` when the place cannot be used, `NoSpaceError` on a full disk; both leave nothing behind.
    """
    place = Workspace(context.workspace).published.absolute()
    with _translate_errors(place):
        place.mkdir(parents=True, exist_ok=True)
        # Named by the marker, so that a retry clears away what a killed try of the same publication left.
        building = place / _building_name(package.kind, marker)
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
        try:
            sizes = _copy_all(package_files(package), building, progress)
            json_files.save(building / METADATA_FILE, describe_package(package, marker, sizes))
            sync_folder(building)
            name = slug(package.script.book_title) + ("_Short" if package.kind == "short" else "")
            final = _rename_to_free_name(building, place, name)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
        sync_folder(place)
    return Published((final / package.video.name).as_uri(), marker, NAME, package.privacy)


def _building_name(kind: str, marker: str) -> str:
    digest = hashlib.sha256(f"{kind} {marker}".encode()).hexdigest()
    return f".{digest[:16]}{PART_SUFFIX}"


def find_unfinished(place: Path, markers: Iterable[str]) -> list[Path]:
    """Folders that a killed publication left in `place`, but for those that one of `markers` will clear away itself."""
    still_wanted = {_building_name(kind, marker) for marker in markers for kind in ("video", "short")}
    paths = sorted(place.glob(f".*{PART_SUFFIX}"))
    return [
        path for path in paths
        if _BUILD_FOLDER.fullmatch(path.name) and path.name not in still_wanted
        and path.is_dir() and not path.is_symlink()
    ]


def _copy_all(files: list[Path], into: Path, progress: Progress) -> dict[str, int]:
    """Copies, not hard links: a publication must not change when a file in the run folder is edited, and
    links end at the border of a file system."""
    total = sum(file.stat().st_size for file in files)
    done = 0
    sizes: dict[str, int] = {}
    progress(0, total, "bytes")
    for file in files:
        before = done
        with file.open("rb") as source, (into / file.name).open("wb") as target:
            while chunk := source.read(CHUNK_BYTES):
                target.write(chunk)
                done += len(chunk)
                progress(done, total, "bytes")
            target.flush()
            os.fsync(target.fileno())
        sizes[file.name] = done - before
    return sizes


def _rename_to_free_name(building: Path, place: Path, name: str) -> Path:
    """Gives the folder the first free name of "Title", "Title_2", …; never replaces another publication."""
    for number in range(1, MAX_COPIES + 1):
        final = place / (name if number == 1 else f"{name}_{number}")
        if os.path.lexists(final):
            continue
        try:
            building.rename(final)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                continue
            raise
        return final
    raise PublishError(f"{place} has {MAX_COPIES} publications of {name} already", remedy="Move some elsewhere.")


def _load_metadata(path: Path) -> dict[str, Any]:
    with suppress(BrokenFileError, OSError):
        found = json_files.load_plain(path)
        if isinstance(found, dict):
            return found
    return {}


def _is_complete(folder: Path, files: dict[str, Any]) -> bool:
    with suppress(OSError):
        return all((folder / name).stat().st_size == size for name, size in files.items())
    return False


@contextmanager
def _translate_errors(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if full := no_space_error(error, place):
            raise full from error
        raise PublishError(
            f"Cannot publish into {place}: {error.strerror or error}",
            remedy="Make it a folder that you may write in, and run the same command again.",
        ) from error
