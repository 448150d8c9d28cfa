"""Write files that are complete or absent, and that survive a power failure.

The order is always: temporary file in the same folder, fsync of the file, rename, fsync of the folder. Without the last
step a power failure can undo the rename (60 of 207 acknowledged updates in the measurements that led to this order).
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pressrun.error_reports import no_space_error

PART_SUFFIX = ".part"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # from fcntl.h and linux/fs.h, for renameat2(2)


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power failure. Does nothing on Windows, which cannot open folders."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_files(
    folder: Path,
    contents: Mapping[str, bytes],
    before_rename: Callable[[], None] = lambda: None,
    rename: Callable[[Path, Path], object] | None = None,
) -> None:
    """Write several files of one folder, in order, with a single fsync of the folder.

    Each file is complete at any moment. After a power failure either no file or the first few of them are new.

    `before_rename` is called when the new contents are on disk and the old files are still in place; if it raises, the
    old files stay. `rename(temporary, final)` replaces the ordinary rename and may raise as well.

    Raises `NoSpaceError` if the disk is full. No temporary file is left behind.
    """
    parts: list[tuple[Path, Path]] = []
    try:
        for name, data in contents.items():
            part = folder / f".{name}.{secrets.token_hex(4)}{PART_SUFFIX}"
            parts.append((part, folder / name))
            with part.open("wb", buffering=0) as file:
                _copy_mode(folder / name, file.fileno())
                # An unbuffered write may be partial, for example just before the disk is full.
                view = memoryview(data)
                while view:
                    view = view[file.write(view) :]
                # Before the rename: otherwise a power failure can leave the new name with an empty file.
                os.fsync(file.fileno())
        before_rename()
        for part, final in parts:
            if rename:
                rename(part, final)
            else:
                part.replace(final)
        sync_folder(folder)
    except BaseException as error:
        for part, _ in parts:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        if isinstance(error, OSError) and (full := no_space_error(error, folder)):
            raise full from error
        raise


def _copy_mode(final: Path, descriptor: int) -> None:
    """Give a new file the permissions of the one it replaces, which the user may have made private."""
    with suppress(FileNotFoundError):
        mode = final.stat().st_mode & 0o777
        if mode != os.fstat(descriptor).st_mode & 0o777:
            os.fchmod(descriptor, mode)


def write_bytes(
    path: Path,
    data: bytes,
    before_rename: Callable[[], None] = lambda: None,
    rename: Callable[[Path, Path], object] | None = None,
) -> None:
    """Write one file. The arguments and errors are those of `write_files`."""
    write_files(path.parent, {path.name: data}, before_rename, rename)


def keep_backup(path: Path) -> None:
    """Keep the current version of `path` as `<name>.bak`. Does nothing if `path` does not exist."""
    spare = path.with_name(f".{path.name}.bak{PART_SUFFIX}")
    backup = path.with_name(f"{path.name}.bak")
    with suppress(FileNotFoundError):
        spare.unlink()
    try:
        # A hard link costs nothing, however large the file: `path` itself is about to be replaced by a new file.
        os.link(path, spare)
    except FileNotFoundError:
        return
    except OSError:  # the file system has no hard links
        write_bytes(backup, path.read_bytes())
        return
    spare.replace(backup)
    # If both are already links to the same file, rename(2) does nothing and leaves `spare`.
    spare.unlink(missing_ok=True)


def exchange(one: Path, other: Path) -> bool:
    """Swap the names of two files in one step. Returns False if the system or file system cannot do that."""
    if sys.platform != "linux":
        return False
    import ctypes

    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    names = os.fsencode(one), os.fsencode(other)
    return rename is not None and rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0


@contextmanager
def atomic_output(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to; when the block ends, the file is synced and becomes `path`.

    If the block raises, the temporary file is removed and an older `path` stays. Raises `FileNotFoundError` if the
    block writes nothing, and `NoSpaceError` if the disk is full.
    """
    # The suffix is kept (`video.part.mp4`), because libraries choose the format by it.
    part = path.with_name(f"{path.stem}{PART_SUFFIX}{path.suffix}")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        if isinstance(error, OSError) and (full := no_space_error(error, path.parent)):
            raise full from error
        raise


def is_partial(name: str) -> bool:
    """Return whether a file name is that of a temporary file of this module."""
    stem, _, _ = name.rpartition(".")
    return name.endswith(PART_SUFFIX) or stem.endswith(PART_SUFFIX)


def remove_partials(folder: Path, prefix: str = "") -> list[Path]:
    """Remove and return the temporary files that killed processes left directly in `folder`.

    The caller must hold the lock of the folder. If users keep files in the folder too, pass a `prefix` that only
    temporary files of this program have.
    """
    removed = []
    with suppress(FileNotFoundError):
        for name in os.listdir(folder):
            path = folder / name
            if name.startswith(prefix) and is_partial(name) and path.is_file():
                with suppress(OSError):
                    path.unlink()
                    removed.append(path)
    return removed
