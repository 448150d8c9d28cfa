"""What the system says of a disk, a path or its permissions, as errors that a user can act on."""

from __future__ import annotations

import errno

from pressrun.errors import FileTroubleError, NoSpaceError, PressrunError


def no_space(error: OSError, where: object) -> NoSpaceError | None:
    """The clear form of a full disk or an exceeded quota, or None when `error` is something else."""
    if error.errno == errno.EFBIG:
        return NoSpaceError(
            f"A file in {where} would be larger than its disk, or the limit of this session, allows",
            remedy="Choose a workspace on another disk or raise the limit (ulimit -f), and run the same command again.",
        )
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return None
    return NoSpaceError(
        f"No space left while writing in {where}", remedy="Free some disk space and run the same command again."
    )


_FILE_REMEDIES = {
    errno.EACCES: "Mend its permissions, or choose another folder with --workspace.",
    errno.EPERM: "Mend its permissions, or choose another folder with --workspace.",
    errno.EROFS: "Choose a folder that can be written with --workspace.",
    errno.EEXIST: "Move the file that stands where a folder belongs.",
    errno.ENOTDIR: "Move the file that stands where a folder belongs.",
    errno.EISDIR: "Move the folder that stands where a file belongs.",
    errno.ELOOP: "Mend the link, which leads to itself.",
    errno.ENAMETOOLONG: "Choose a shorter path for the workspace.",
    errno.EMFILE: "Raise the limit of open files (ulimit -n), and run the same command again.",
    errno.ENFILE: "Close other programs, and run the same command again.",
}


def from_os_error(error: OSError, where: object = None) -> PressrunError | None:
    """The clear form of trouble with a disk, a path or its permissions; None for anything else.

    `where` is named when the error does not say itself which file it was about.
    """
    place = error.filename if error.filename is not None else where
    if full := no_space(error, place or "the workspace"):
        return full
    remedy = _FILE_REMEDIES.get(error.errno or 0)
    if remedy is None:
        return None
    what = (error.strerror or str(error)).lower()
    return FileTroubleError(f"{place}: {what}" if place else what.capitalize(), remedy=remedy)
