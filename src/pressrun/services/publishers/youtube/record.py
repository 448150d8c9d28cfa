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
"""Bytes have been sent, but never the last ones."""
FINISHING = "finishing"
"""The last bytes may have been sent, so the video may be published."""
SENT = "sent"
"""The video is on the channel, and `id` is its ID."""
UNKNOWN = "unknown"
"""Like `FINISHING`, but the session that could answer is gone."""
STATES = (INTENT, SESSION, FINISHING, SENT, UNKNOWN)

STARTED, DONE = "begun", "done"
"""State of a thumbnail, captions or playlist entry; an empty string if nothing was started."""


@dataclass(frozen=True)
class Upload:
    """The state of one upload. The session address works like a password, so only the owner can read the file."""

    state: str
    marker: str
    tag: str
    """Identifies the video among the uploads of the channel."""
    content: str
    """A digest of the video and of everything said about it: a session resumes only with identical content."""
    size: int
    """Bytes of the video."""
    session: str = ""
    acknowledged: int = 0
    """Bytes that the server has confirmed."""
    id: str = ""
    privacy: str = ""
    """As set by YouTube."""
    thumbnail: str = ""
    captions: str = ""
    playlist: str = ""


class UploadRecord:
    """The upload of one stage, in memory and in its file; only in memory without a folder."""

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
        except (ValueError, TypeError, RecursionError) as error:
            raise BrokenFileError(
                f"{self.path} is not a valid upload record: {error}",
                remedy='Check whether the video is on the channel, then run: pressrun resolve "TITLE" --url URL, '
                "or --not-published.",
            ) from error
        redaction.register(upload.session)
        return upload if upload.marker == marker else None

    def write(self, upload: Upload) -> Upload:
        """Write `upload`, and return it once it is on disk."""
        redaction.register(upload.session)
        if self.path is not None and upload != self.upload:
            write_private(self.path, json.dumps(asdict(upload), indent=2).encode() + b"\n")
        self.upload = upload
        return upload

    def change(self, **fields: Any) -> Upload:
        if self.upload is None:
            raise ValueError("no upload was started")
        return self.write(replace(self.upload, **fields))


def _validate(found: object) -> Upload:
    if not isinstance(found, dict):
        raise TypeError("it is not a JSON object")
    upload = Upload(**{name: value for name, value in found.items() if name in Upload.__annotations__})
    if upload.state not in STATES:
        raise ValueError(f'unknown state "{upload.state}"')
    if upload.state == SENT and not upload.id:
        raise ValueError("the video ID is missing")
    return upload
