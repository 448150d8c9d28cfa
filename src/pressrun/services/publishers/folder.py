"""Publish to the `published/` folder of the workspace: one folder per publication, all or nothing.

A publication is built in a hidden folder next to its final one and renamed once everything is on disk, so a crash
leaves nothing that looks published. `metadata.json` contains the marker that `find` looks for. A short gets its own
folder: then each appears by one rename.
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
"""Bytes copied between two progress reports."""
MAX_COPIES = 1000
"""Maximum publications of one title; more would be a bug, and a loop must end."""

_BUILD_FOLDER = re.compile(r"\.[0-9a-f]{16}\.part")


def ready(context: Context) -> Readiness:
    root = Workspace(context.workspace).published
    if root.exists() and not root.is_dir():
        return Readiness(False, f"{root} is not a folder", "Move or delete that file.")
    return Readiness(True, "it is built in and needs no network")


def find(marker: str, package: Package, context: Context) -> Published | None:
    """Return the complete publication of this kind with this marker. It is incomplete if files were removed or resized.
    """
    root = Workspace(context.workspace).published.absolute()
    for metadata_file in sorted(root.glob(f"[!.]*/{METADATA_FILE}")):
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
    """Copy the package to its folder. The caller has called `find` first.

    Raises `PublishError` if the folder cannot be used, and `NoSpaceError` on a full disk; both leave nothing behind.
    """
    root = Workspace(context.workspace).published.absolute()
    with _translate_errors(root):
        root.mkdir(parents=True, exist_ok=True)
        # Named by the marker, so that a retry removes what a killed try of the same publication left.
        build_folder = root / _build_folder_name(package.kind, marker)
        shutil.rmtree(build_folder, ignore_errors=True)
        build_folder.mkdir()
        try:
            sizes = _copy_all(package_files(package), build_folder, progress)
            json_files.save(build_folder / METADATA_FILE, describe_package(package, marker, sizes))
            sync_folder(build_folder)
            name = slug(package.script.book_title) + ("_Short" if package.kind == "short" else "")
            final = _rename_to_free_name(build_folder, root, name)
        except BaseException:
            shutil.rmtree(build_folder, ignore_errors=True)
            raise
        sync_folder(root)
    return Published((final / package.video.name).as_uri(), marker, NAME, package.privacy)


def _build_folder_name(kind: str, marker: str) -> str:
    digest = hashlib.sha256(f"{kind} {marker}".encode()).hexdigest()
    return f".{digest[:16]}{PART_SUFFIX}"


def find_unfinished(root: Path, markers: Iterable[str]) -> list[Path]:
    """Return the folders that killed publications left in `root`, except those that a retry of `markers` removes."""
    still_wanted = {_build_folder_name(kind, marker) for marker in markers for kind in ("video", "short")}
    paths = sorted(root.glob(f".*{PART_SUFFIX}"))
    return [
        path for path in paths
        if _BUILD_FOLDER.fullmatch(path.name) and path.name not in still_wanted
        and path.is_dir() and not path.is_symlink()
    ]


def _copy_all(files: list[Path], into: Path, progress: Progress) -> dict[str, int]:
    """Copy the files; return their sizes.

    Hard links would not do: a publication must not change when a file in the run folder is edited, and links cannot
    cross file systems.
    """
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


def _rename_to_free_name(build_folder: Path, root: Path, name: str) -> Path:
    """Rename the folder to the first free name of "Title", "Title_2", …; never replace another publication."""
    for number in range(1, MAX_COPIES + 1):
        final = root / (name if number == 1 else f"{name}_{number}")
        if os.path.lexists(final):
            continue
        try:
            build_folder.rename(final)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                continue
            raise
        return final
    raise PublishError(f"{root} already has {MAX_COPIES} publications of {name}", remedy="Move some elsewhere.")


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
def _translate_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if full := no_space_error(error, root):
            raise full from error
        raise PublishError(
            f"Cannot publish to {root}: {error.strerror or error}",
            remedy="Make sure it is a writable folder, and run the same command again.",
        ) from error
