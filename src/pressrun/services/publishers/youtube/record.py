"""Record the state of one upload on disk before and after every irreversible step.

The file is `youtube.json` in the parts of the stage. It survives a kill at any moment, and every try starts from it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pressrun import redaction
from pressrun.errors import BrokenFileError
from pressrun.services.publishers.youtube.locations import write_private

FILE = "youtube.json"

INTENT = "intent"
"""A session may have been opened; no byte of the video has left."""
SESSION = "session"
"""Bytes have left, and the last of them never."""
FINISHING = "finishing"
"""The last bytes may have been sent, so the video may be published."""
SENT = "sent"
"""The video is there, and `id` names it."""
UNKNOWN = "unknown"
"""Like `FINISHING`, but the session that could answer is gone."""
STATES = (INTENT, SESSION, FINISHING, SENT, UNKNOWN)

STARTED, DONE = "begun", "done"
"""Of a thumbnail, a captions track and a place in a playlist, none of which is there when nothing is noted."""


@dataclass(frozen=True)
class Upload:
    """One upload. A session address is as good as a password for it, so the file is readable by its owner alone."""

    state: str
    marker: str
    tag: str
    """By which the video is found among the uploads of the channel."""
    content: str
    """A digest of the video and of everything said about it: a session resumes only with identical content."""
    size: int
    """Bytes of the video."""
    session: str = ""
    acknowledged: int = 0
    """Bytes that the server said it has."""
    id: str = ""
    privacy: str = ""
    """As YouTube set it."""
    thumbnail: str = ""
    captions: str = ""
    playlist: str = ""


class UploadRecord:
    """The upload of one stage, in memory and in its file; without a folder in memory alone."""

    def __init__(self, folder: Path | None, marker: str) -> None:
        self.path = folder / FILE if folder else None
        self.upload = self._load(marker)

    def _load(self, marker: str) -> Upload | None:
        """Return the upload recorded for this publication; a record of another copy is ignored.

        Raises `BrokenFileError` for a file that cannot be read: starting over could publish a second time.
        """
        if self.path is None:
            return None
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            upload = _validate(found)
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise BrokenFileError(
                f"{self.path} is not a record of an upload: {error}",
                remedy='Look whether the video is there, then say so with: pressrun resolve "TITLE" --url URL, '
                "or --not-published.",
            ) from error
        redaction.register(upload.session)
        return upload if upload.marker == marker else None

    def write(self, upload: Upload) -> Upload:
        """Returns when it is on the disk."""
        redaction.register(upload.session)
        if self.path is not None and upload != self.upload:
            write_private(self.path, json.dumps(asdict(upload), indent=2).encode() + b"\n")
        self.upload = upload
        return upload

    def change(self, **fields: Any) -> Upload:
        if self.upload is None:
            raise ValueError("no upload was begun")
        return self.write(replace(self.upload, **fields))


def _validate(found: object) -> Upload:
    if not isinstance(found, dict):
        raise TypeError("it holds no object")
    upload = Upload(**{name: value for name, value in found.items() if name in Upload.__annotations__})
    if upload.state not in STATES:
        raise ValueError(f'there is no state "{upload.state}"')
    if upload.state == SENT and not upload.id:
        raise ValueError("it has no id of the video")
    return upload
