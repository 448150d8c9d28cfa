"""What the server of the YouTube Data API in `youtube_api` knows, and what can go wrong with it."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

ACCESS, REFRESH = "access-canary-5b1d", "refresh-canary-77c2"


@dataclass
class Fault:
    """Something that goes wrong once, at the `nth` request named `name` (of all requests where that is empty)."""

    name: str = ""
    nth: int = 1
    when: str = "before"
    """"before" anything has happened, "after" it happened and before the reply, or "within" a chunk."""
    bytes_before: int = 0
    """With "within": after so many bytes of the chunk."""
    status: int = 0
    """Answer with this status in place of breaking the connection."""
    reason: str = ""
    content: bytes | None = None
    """With a status: the very answer, whatever it is."""
    stall: float = 0.0
    """Say nothing for so many seconds, then break the connection."""
    expire: bool = False
    """All sessions are forgotten from then on."""
    arrives: float | None = None
    """With "within": what is on its way still arrives, so many seconds later, though nobody gets a reply."""
    action: Callable[[], None] = field(default=lambda: None)
    """Done at that moment, as killing a process."""
    met: float = 0.0
    """When it was met, on the monotonic clock."""


@dataclass
class Session:
    number: int
    body: dict[str, Any]
    size: int
    data: bytearray = field(default_factory=bytearray)
    video: str = ""
    gone: bool = False


@dataclass
class Seen:
    """One request."""

    number: int
    name: str
    nth: int
    at: float
    length: int = 0
    """Bytes of the body that arrived."""
    detail: str = ""
    body: Any = None


class YouTube:
    """What the server knows. Everything is read and changed under `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.address = ""
        self.sessions: list[Session] = []
        self.videos: dict[str, dict[str, Any]] = {}
        self.contents: dict[str, bytes] = {}
        self.listed_after: dict[str, float] = {}
        self.list_delay = 0.0
        """Seconds before a new video is found among the uploads."""
        self.thumbnails: Counter[str] = Counter()
        self.captions: list[dict[str, Any]] = []
        self.playlist: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.token_reply: tuple[int, dict[str, Any]] = (
            200, {"access_token": ACCESS, "expires_in": 3600, "token_type": "Bearer", "refresh_token": REFRESH}
        )
        self.forget_privacy = ""
        """Makes every video have this privacy, as for a project that was not audited."""

    def token_file(self) -> str:
        """A token that this server takes."""
        return json.dumps(
            {"refresh_token": REFRESH, "client_id": "client", "client_secret": "client-canary-01fe",
             "token_uri": f"{self.address}token"}
        )

    def note(self, name: str, detail: str = "") -> Seen:
        with self.lock:
            nth = 1 + sum(each.name == name for each in self.seen)
            seen = Seen(len(self.seen) + 1, name, nth, time.monotonic(), detail=detail)
            self.seen.append(seen)
            return seen

    def fault_at(self, seen: Seen, when: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                here = (fault.name, fault.nth) == (seen.name, seen.nth) if fault.name else fault.nth == seen.number
                if here and fault.when == when and not fault.met:
                    fault.met = time.monotonic()
                    if fault.expire:
                        for session in self.sessions:
                            session.gone = True
                    return fault
        return None

    def names(self) -> list[str]:
        return [each.name for each in self.seen]

    def received(self) -> int:
        """Bytes of video that arrived, in all sessions together."""
        return sum(each.length for each in self.seen if each.name == "chunk")

    def finish(self, session: Session) -> str:
        """Makes the video of a session that has all its bytes."""
        if not session.video:
            session.video = f"video{len(self.videos) + 1:06d}"
            status = dict(session.body["status"])
            status.setdefault("privacyStatus", "public")
            if self.forget_privacy:
                status["privacyStatus"] = self.forget_privacy
            snippet = {**session.body["snippet"], "publishedAt": datetime.now(UTC).isoformat()}
            self.videos[session.video] = {
                "kind": "youtube#video", "id": session.video, "snippet": snippet,
                "status": {**status, "uploadStatus": "uploaded"},
            }
            self.contents[session.video] = bytes(session.data)
            self.listed_after[session.video] = time.monotonic() + self.list_delay
        return session.video

    def listed(self) -> list[str]:
        """The videos that the channel lists by now, the newest first."""
        now = time.monotonic()
        return [each for each in reversed(self.videos) if self.listed_after[each] <= now]
