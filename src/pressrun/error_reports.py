"""Turn any exception into an error that a user can act on."""

from __future__ import annotations

import errno
import os
import re
import socket

from pressrun.errors import (
    ErrorReport,
    FileTroubleError,
    NetworkError,
    NoSpaceError,
    OutOfMemoryError,
    PressrunError,
    UnexpectedError,
)

_FIX_PERMISSIONS = "Fix its permissions, or choose another folder with --workspace."
_FILE_REMEDIES = {
    errno.EACCES: _FIX_PERMISSIONS,
    errno.EPERM: _FIX_PERMISSIONS,
    errno.EROFS: "Choose a writable folder with --workspace.",
    errno.EEXIST: "Move the file that is in the place of a folder.",
    errno.ENOTDIR: "Move the file that is in the place of a folder.",
    errno.EISDIR: "Move the folder that is in the place of a file.",
    errno.ELOOP: "Fix the symbolic link, which points to itself.",
    errno.ENAMETOOLONG: "Choose a shorter path for the workspace.",
    errno.EMFILE: "Raise the limit on open files (ulimit -n), and run the same command again.",
    errno.ENFILE: "Close other programs, and run the same command again.",
    errno.ENOENT: "Run the same command again. If that does not help, put the file back.",
    errno.EINVAL: "Use a workspace on another disk, one that accepts such names.",
    errno.ENOTEMPTY: "Run the same command again when no other program writes to that folder.",
    errno.EBUSY: "Run the same command again when no other program uses it.",
    errno.ETXTBSY: "Run the same command again when no other program uses it.",
}
_DISK_REMEDY = "Check the disk and whether it is still connected, then run the same command again."
_DISK_ERRORS = (
    errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE, errno.EMLINK, errno.EXDEV, errno.ENOTSUP, errno.EDEADLK,
    errno.ENOLCK,
)
_NETWORK_REMEDY = "Check the connection, and run the same command again."


_INSTALL_REMEDY = "Install Pressrun again, with the extras that you use."
_NULL_REMEDY = "Remove it from the list, the settings or database.json."
MAX_TEXT = 300
"""Characters of an unforeseen error that are shown; its traceback is in the log."""


def to_report(error: BaseException, path: object = None, *, remedy: str = "Please report it.") -> ErrorReport:
    """Return `error` as data. The arguments are those of `to_pressrun_error`."""
    return to_pressrun_error(error, path, remedy=remedy).report()


def to_pressrun_error(error: BaseException, path: object = None, *, remedy: str = "Please report it.") -> PressrunError:
    """Return `error` as an error of this program; an unforeseen one becomes an `UnexpectedError` with `remedy`.

    `path` is the file or folder to name if the error itself names none.
    """
    if isinstance(error, PressrunError):
        return error
    if isinstance(error, OSError) and (known := from_os_error(error, path)):
        return known
    if isinstance(error, ImportError):
        name = getattr(error, "name", None) or "A module"
        return UnexpectedError(f"{name} cannot be loaded: {error_text(error)[:MAX_TEXT]}", remedy=_INSTALL_REMEDY)
    if isinstance(error, (ConnectionError, TimeoutError, socket.gaierror)):
        return NetworkError(f"The connection failed: {error_text(error)[:MAX_TEXT]}", remedy=_NETWORK_REMEDY)
    if isinstance(error, ValueError) and ("null byte" in str(error) or "null character" in str(error)):
        return FileTroubleError("A path contains a null character", remedy=_NULL_REMEDY)
    if is_memory_error(error):
        return OutOfMemoryError("Out of memory", remedy="Close other programs, or choose smaller settings.")
    text = f"{type(error).__name__}: {error}" if str(error).strip() else type(error).__name__
    return UnexpectedError(f"Unexpected error: {error_text(text)[:MAX_TEXT]}", remedy=remedy)


def is_memory_error(error: BaseException) -> bool:
    """Return whether an allocation failed.

    Libraries in C++ have no type for it: ctranslate2 raises a `RuntimeError`, onnxruntime a `RuntimeException` of its
    own, each with its own text.
    """
    if type(error).__name__ not in ("RuntimeError", "RuntimeException", "Fail"):
        return isinstance(error, MemoryError)
    return bool(re.search(r"alloc\w* memory|bad[_ ]alloc", str(error), re.IGNORECASE))


def error_text(error: object) -> str:
    """Return the text of an error on one line, or the name of its class if it has no text."""
    return " ".join(str(error).split()) or type(error).__name__


def reason_text(error: Exception) -> str:
    """Return why something failed for the end of a sentence: no number, no class and no path of the error."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start + 1:,} is not {error.encoding.upper()}"
    return error_text(error)


def from_os_error(error: OSError, path: object = None) -> PressrunError | None:
    """Return an error about a disk, a path or its permissions with its remedy, or None for any other error.

    `path` is the file or folder to name if the error itself names none.
    """
    place = error.filename if error.filename is not None else path
    if full := no_space_error(error, place or "the workspace"):
        return full
    number = error.errno or 0
    remedy = _DISK_REMEDY if number in _DISK_ERRORS else _FILE_REMEDIES.get(number)
    if remedy is None:
        return None
    reason = (error.strerror or str(error)).lower()
    place = _shorten(place) if place else None
    return FileTroubleError(f"{place}: {reason}" if place else reason.capitalize(), remedy=remedy)


def _shorten(place: object) -> str:
    """Return a path for a message; one too long for any disk is cut in the middle."""
    text = os.fsdecode(place) if isinstance(place, bytes) else str(place)
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT // 2]}…{text[-MAX_TEXT // 2 :]}"


def no_space_error(error: OSError, folder: object) -> NoSpaceError | None:
    """Return a `NoSpaceError` for a full disk, an exceeded quota or a file size limit, or None for any other error."""
    if error.errno == errno.EFBIG:
        return NoSpaceError(
            f"A file in {folder} exceeds the size limit of its disk or of this session",
            remedy="Use a workspace on another disk, or raise the limit (ulimit -f), and run the same command again.",
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpaceError(
            f"No space left while writing in {folder}", remedy="Free some disk space, and run the same command again."
        )
    return None
