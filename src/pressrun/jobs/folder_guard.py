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

    Raises `FileNotFoundError` when the folder is neither under its old name nor under the new one.
    """
    mine = folder.with_name(f"{_MARK.sub('', folder.name)}.a{attempt}")
    if not mine.is_dir():
        folder.rename(mine)
    return mine
