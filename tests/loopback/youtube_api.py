"""A server on this machine that speaks the YouTube Data API: uploads in sessions, and all that belongs to a video.

It counts the bytes that arrive, not those a header speaks of, and a video exists when the last byte has arrived. It
can be told to misbehave at any request, or after any number of bytes of a chunk: see `Fault`.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback.serving import serving
from tests.loopback.youtube_state import ACCESS as ACCESS
from tests.loopback.youtube_state import REFRESH as REFRESH
from tests.loopback.youtube_state import Fault as Fault
from tests.loopback.youtube_state import Seen as Seen
from tests.loopback.youtube_state import Session as Session
from tests.loopback.youtube_state import YouTube as YouTube

KEPT = 256 * 1024
"""Of a chunk that breaks off, the server keeps a multiple of this."""
BLOCK = 16 * 1024
UPLOADS = "UUpressrun"


class Broken(Exception):
    """The connection ends here, without a reply."""


@contextmanager
def youtube_api() -> Iterator[YouTube]:
    """The server, on a free port of this machine, until the end of the block."""
    state = YouTube()

    class Handler(_Handler):
        youtube = state

    with serving(Handler, _Server) as address:
        state.address = f"{address}/"
        yield state


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what this server is for."""


class _Handler(BaseHTTPRequestHandler):
    youtube: YouTube
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        try:
            self._answer_one()
        except (Broken, OSError):
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    def _answer_one(self) -> None:
        parts = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        name, answer = self._route(parts.path)
        seen = self.youtube.note(name, self.headers.get("Content-Range", ""))
        if fault := self.youtube.fault_at(seen, "before"):
            self._go_wrong(fault, seen)
            return
        if name != "token" and self.headers.get("Authorization") != f"Bearer {ACCESS}":
            self._drain(seen)
            self._refuse(401, "authError")
            return
        reply = answer(seen)
        if fault := self.youtube.fault_at(seen, "after"):
            self._go_wrong(fault, seen)
            return
        self._send(*reply)

    def _route(self, path: str) -> tuple[str, Callable[[Seen], tuple[int, dict[str, str], Any]]]:
        post = self.command == "POST"
        if found := re.fullmatch(r"/session/(\d+)", path):
            session = self.youtube.sessions[int(found[1])]
            if "*/" in self.headers.get("Content-Range", ""):
                return "ask", lambda seen: self._ask(session, seen)
            return "chunk", lambda seen: self._chunk(session, seen)
        routes: dict[tuple[str, bool], tuple[str, Callable[[Seen], tuple[int, dict[str, str], Any]]]] = {
            ("/token", True): ("token", self._token),
            ("/upload/youtube/v3/videos", True): ("start", self._start),
            ("/resumable/upload/youtube/v3/videos", True): ("start", self._start),
            ("/upload/youtube/v3/thumbnails/set", True): ("thumbnail", self._thumbnail),
            ("/upload/youtube/v3/captions", True): ("captions", self._add_captions),
            ("/youtube/v3/captions", False): ("captions.list", self._list_captions),
            ("/youtube/v3/channels", False): ("channels", self._channels),
            ("/youtube/v3/playlistItems", False): ("uploads", self._uploads),
            ("/youtube/v3/playlistItems", True): ("playlist", self._into_playlist),
            ("/youtube/v3/videos", False): ("videos", self._videos),
        }
        return routes.get((path, post), ("unknown", lambda seen: (404, {}, _error(404, "notFound"))))

    # Uploads

    def _start(self, seen: Seen) -> tuple[int, dict[str, str], Any]:
        seen.body = json.loads(self._drain(seen))
        with self.youtube.lock:
            number = len(self.youtube.sessions)
            size = int(self.headers["X-Upload-Content-Length"])
            self.youtube.sessions.append(Session(number, seen.body, size))
        return 200, {"Location": f"{self.youtube.address}session/{number}?upload_id=session-canary-{number:04d}"}, None

    def _ask(self, session: Session, seen: Seen) -> tuple[int, dict[str, str], Any]:
        self._drain(seen)
        with self.youtube.lock:
            if seen.detail != f"bytes */{session.size}":
                return 400, {}, _error(400, "badRequest")
            return self._state_of(session)

    def _state_of(self, session: Session) -> tuple[int, dict[str, str], Any]:
        if session.gone:
            return 404, {}, _error(404, "notFound")
        if session.video:
            return 200, {}, self.youtube.videos[session.video]
        return 308, {"Range": f"bytes=0-{len(session.data) - 1}"} if session.data else {}, None

    def _chunk(self, session: Session, seen: Seen) -> tuple[int, dict[str, str], Any]:
        first, _last, _size = map(int, re.findall(r"\d+", self.headers["Content-Range"]))
        length = int(self.headers["Content-Length"])
        fault = self.youtube.fault_at(seen, "within")
        data = self._read(fault.bytes_before if fault else length, seen)
        if fault:
            self._break_off(fault, session, first, data, length, seen)
        with self.youtube.lock:
            self._take(session, first, data, whole=True)
            return self._state_of(session)

    def _break_off(
        self, fault: Fault, session: Session, first: int, data: bytes, length: int, seen: Seen
    ) -> None:
        fault.action()
        if fault.arrives is not None:
            with suppress(OSError, Broken):
                data += self._read(length - len(data), seen)
            time.sleep(fault.arrives)
        with self.youtube.lock:
            self._take(session, first, data, whole=len(data) == length)
        if fault.status:
            self._refuse(fault.status, fault.reason)
        if fault.stall:
            time.sleep(fault.stall)
        raise Broken

    def _take(self, session: Session, first: int, data: bytes, *, whole: bool) -> None:
        """Bytes that the session has are not taken twice, and none after a gap."""
        have = len(session.data)
        new = data[have - first :] if first <= have else b""
        if not whole:
            new = new[: (have + len(new)) // KEPT * KEPT - have] if (have + len(new)) // KEPT * KEPT > have else b""
        if session.video:
            return
        session.data += new
        if len(session.data) == session.size:
            self.youtube.finish(session)

    # Everything else

    def _token(self, seen: Seen) -> tuple[int, dict[str, str], Any]:
        seen.body = {name: values[0] for name, values in parse_qs(self._drain(seen).decode()).items()}
        status, reply = self.youtube.token_reply
        return status, {}, reply

    def _channels(self, seen: Seen) -> tuple[int, dict[str, str], Any]:
        channel = {"id": "UCpressrun", "snippet": {"title": "A channel"},
                   "contentDetails": {"relatedPlaylists": {"uploads": UPLOADS}}}
        return 200, {}, {"items": [channel]}

    def _uploads(self, seen: Seen) -> tuple[int, dict[str, str], Any]:
        with self.youtube.lock:
            if self.query["playlistId"] != UPLOADS:
                items = [each for each in self.youtube.playlist
                         if each["resourceId"]["videoId"] == self.query.get("videoId")]
                return 200, {}, {"items": [{"snippet": each} for each in items]}
            if not self.youtube.videos:
                return 404, {}, _error(404, "playlistNotFound")
            listed = self.youtube.listed()
            start, count = int(self.query.get("pageToken", "0")), int(self.query["maxResults"])
            items = [
                {"contentDetails": {"videoId": each},
                 "snippet": {"publishedAt": self.youtube.videos[each]["snippet"]["publishedAt"]}}
                for each in listed[start : start + count]
            ]
            more = {"nextPageToken": str(start + count)} if len(listed) > start + count else {}
            return 200, {}, {"items": items, **more}

    def _videos(self, seen: Seen) -> tuple[int, dict[str, str], Any]:
        with self.youtube.lock:
            wanted = self.query["id"].split(",")
            return 200, {}, {"items": [self.youtube.videos[each] for each in wanted if each in self.youtube.videos]}

    def _thumbnail(self, seen: Seen) -> tuple[int, dict[str, str], Any]:
        self._drain(seen)
        self.youtube.thumbnails[self.query["videoId"]] += 1
        return 200, {}, {"items": []}

    def _add_captions(self, seen: Seen) -> tuple[int, dict[str, str], Any]:
        content_type = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts: Any = BytesParser().parsebytes(content_type + self._drain(seen)).get_payload()
        described, text = parts
        snippet = json.loads(described.get_payload())["snippet"]
        with self.youtube.lock:
            track = {**snippet, "trackKind": "standard", "text": text.get_payload(decode=True)}
            self.youtube.captions.append(track)
        return 200, {}, {"id": "track"}

    def _list_captions(self, seen: Seen) -> tuple[int, dict[str, str], Any]:
        with self.youtube.lock:
            tracks = [each for each in self.youtube.captions if each["videoId"] == self.query["videoId"]]
            shown = [{"snippet": {name: each[name] for name in ("language", "trackKind")}} for each in tracks]
            return 200, {}, {"items": shown}

    def _into_playlist(self, seen: Seen) -> tuple[int, dict[str, str], Any]:
        with self.youtube.lock:
            self.youtube.playlist.append(json.loads(self._drain(seen))["snippet"])
        return 200, {}, {"id": "item"}

    # The wire

    def _go_wrong(self, fault: Fault, seen: Seen) -> None:
        fault.action()
        if fault.status:
            if fault.when == "before":
                self._drain(seen)
            if fault.content is None:
                self._refuse(fault.status, fault.reason)
            else:
                self._send(fault.status, {}, fault.content)
            return
        time.sleep(fault.stall)
        raise Broken

    def _drain(self, seen: Seen) -> bytes:
        return self._read(int(self.headers.get("Content-Length") or 0), seen)

    def _read(self, length: int, seen: Seen) -> bytes:
        """What arrives, counted as it does. Raises `Broken` when the client goes away before all of it is there."""
        data = bytearray()
        while len(data) < length:
            block = self.rfile.read1(min(BLOCK, length - len(data)))
            if not block:
                raise Broken
            data += block
            seen.length += len(block)
        return bytes(data)

    def _refuse(self, status: int, reason: str) -> None:
        self._send(status, {}, _error(status, reason))

    def _send(self, status: int, headers: dict[str, str], reply: Any) -> None:
        content = reply if isinstance(reply, bytes) else b"" if reply is None else json.dumps(reply).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()


def _error(status: int, reason: str) -> dict[str, Any]:
    """A refusal in the form of Google's."""
    message = f"The request was refused: {reason}."
    return {"error": {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}}
