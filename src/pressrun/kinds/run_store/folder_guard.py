"""A run folder that changes hands gets another name, so that who had it before cannot write into it any more.

A worker that was stopped for a while (a laptop that slept) wakes up and goes on where it was. Every write of the
program names its file by the whole path, so after the rename it meets a folder that is not there.
"""

from __future__ import annotations

import re
from pathlib import Path

_MARK = re.compile(r"\.a\d+$")


def take_over(folder: Path, attempt: int) -> Path:
    """Renames `folder` for the `attempt` that goes on in it, and returns the new path. Safe to repeat.

    An attempt in between may have renamed it and died before it could say so. One of a later attempt is left alone.
    Raises `FileNotFoundError` when the folder is under none of these names.
    """
    mine = name_for(folder, attempt)
    if not mine.is_dir():
        _last_before(folder, attempt).rename(mine)
    return mine


def name_for(folder: Path, attempt: int) -> Path:
    """What `folder` will be called once `attempt` has taken it."""
    return folder.with_name(f"{_MARK.sub('', folder.name)}.a{attempt}")


def _last_before(folder: Path, attempt: int) -> Path:
    """`folder` where it is still called so, else as the latest attempt before this one called it."""
    for number in () if folder.is_dir() else range(attempt - 1, 0, -1):
        if (named := name_for(folder, number)).is_dir():
            return named
    return folder
