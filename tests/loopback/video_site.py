"""A video site on this machine: a search, pages with `<video>` and `<track>`, captions and films of our own making.

yt-dlp's own generic extractor reads its plain pages (`/page/ID`). Its search, and the pages that say more than HTML can
(`/watch/ID`: channel, licence, automatic captions), are read by the plugin in `ytdlp_plugins/`.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback.serving import serving

PLUGINS = Path(__file__).parent / "ytdlp_plugins"
SENTENCES = (
    "A keeper walks up the stairs of the tower every evening.",
    "She fills the lamp and trims the wick before it is dark.",
    "The ships far out know the coast by that one light.",
    "One winter the supply boat does not come for three weeks.",
    "She burns the oil at half its height and writes down every hour.",
    "When the storm is over, the harbour counts its boats.",
    "None is missing, and nobody asks how the lamp was fed.",
    "The book ends with the page on which she noted the oil that was left.",
)
"""What is said in every film, in captions of our own writing."""


@dataclass(frozen=True)
class Clip:
    """A film. `captions` and `automatic` are languages; `translated` those the site offers made by a machine."""

    id: str
    title: str
    channel: str = "Quiet Shelf"
    seconds: float | None = 900.0
    views: int | None = 5000
    licence: str = ""
    published: str = "20240301"
    description: str = ""
    language: str = "en"
    captions: tuple[str, ...] = ("en",)
    automatic: tuple[str, ...] = ()
    translated: tuple[str, ...] = ()
    plain: bool = False
    """Whether it has a page of plain HTML, that the generic extractor reads."""
    formless: bool = False
    """Whether its page names no file of sound at all."""
    playlist: bool = False
    """Whether it names a playlist of segments alone."""
    text: tuple[str, ...] = SENTENCES
    media: bytes = b""
    """Empty: a film of half a second without speech."""


@dataclass
class Trouble:
    """What happens to requests whose path begins so. `how`: an HTTP status as digits, "slow", "hang up", "cut" (half of
    a film, then a hang-up), "elsewhere" (a redirect to `where`), "changed" (a page without its data), or words that the
    page says is wrong."""

    path: str
    how: str
    where: str = ""
    times: int = 1_000_000


@dataclass
class VideoSite:
    """`with VideoSite(clips) as site`. What it was asked stands in `asked`, with the headers in `headers`."""

    clips: tuple[Clip, ...] = ()
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {"LOOPBACK_VIDEO_SITE": self.url, "PRESSRUN_YTDLP_PLUGINS": str(PLUGINS)}

    @property
    def settings(self) -> dict[str, Any]:
        """What stands in `pressrun.toml` to use this site in place of YouTube."""
        return {"source": "youtube", "search_engine": "loopsearch", "source_hosts": "127.0.0.1"}

    def __enter__(self) -> VideoSite:
        self._serving = serving(_handler(self))
        self.url = self._serving.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._serving.__exit__(kind, error, traceback)

    def page_of(self, clip: Clip) -> str:
        return f"{self.url}/{'page' if clip.plain else 'watch'}/{clip.id}"

    def found(self, query: str) -> list[dict[str, Any]]:
        """Clips that share a word with the query, as a list of search results says of them."""

        def words(text: str) -> set[str]:
            return set("".join(each if each.isalnum() else " " for each in text.lower()).split())

        return [
            {
                "url": self.page_of(clip), "video_title": clip.title, "video_id": clip.id, "channel": clip.channel,
                "duration": clip.seconds, "view_count": clip.views,
            }
            for clip in self.clips
            if words(query) & words(f"{clip.title} {clip.description}")
        ]

    def clip(self, name: str) -> Clip | None:
        return next((clip for clip in self.clips if clip.id == name), None)

    def trouble(self, path: str) -> Trouble | None:
        for each in self.troubles:
            if each.times > 0 and path.startswith(each.path):
                each.times -= 1
                return each
        return None


def captions(text: tuple[str, ...]) -> bytes:
    cues = (
        f"{_clock(4 * number)} --> {_clock(4 * number + 4)}\n{sentence}\n" for number, sentence in enumerate(text)
    )
    return ("WEBVTT\n\n" + "\n".join(cues)).encode()


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02}:{int(seconds // 60 % 60):02}:{seconds % 60:06.3f}"


def film(pcm: bytes = bytes(16_000), rate: int = 16_000) -> bytes:
    """A small MP4 with a grey picture and this sound (mono, 16 bits), made with the encoders that make our videos."""
    import av
    import numpy as np

    into = io.BytesIO()
    with av.open(into, "w", format="mp4") as file:
        video = file.add_stream("libx264", rate=5)
        video.width, video.height, video.pix_fmt = 64, 36, "yuv420p"
        audio = file.add_stream("aac", rate=rate, layout="mono")
        for number in range(max(1, int(len(pcm) / 2 / rate * 5))):
            picture = av.VideoFrame.from_ndarray(np.full((36, 64, 3), 128, np.uint8), format="rgb24")
            picture.pts = number
            file.mux(video.encode(picture))
        sound = av.AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2").reshape(1, -1), format="s16", layout="mono")
        sound.sample_rate = rate
        file.mux(audio.encode(sound))
        for stream in (video, audio):
            file.mux(stream.encode(None))
    return into.getvalue()


def _handler(site: VideoSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.headers.append(dict(self.headers.items()))
            parts = urlsplit(self.path)
            trouble = site.trouble(parts.path)
            if trouble and self._misbehave(trouble):
                return
            what, _, name = parts.path.strip("/").partition("/")
            answers: dict[str, Callable[[], None]] = {
                "search": lambda: self._json(site.found(parse_qs(parts.query)["q"][0])),
                "page": lambda: self._page(name), "watch": lambda: self._watch(name, trouble),
                "captions": lambda: self._captions(name), "media": lambda: self._media(name, trouble),
            }
            answers.get(what, lambda: self._send(404))()

        def _misbehave(self, trouble: Trouble) -> bool:
            """Whether the answer has been given; words that a page says are for the page."""
            if trouble.how.isdigit():
                self._send(int(trouble.how))
            elif trouble.how == "slow":
                time.sleep(60)
            elif trouble.how == "hang up":
                self.close_connection = True
                self.connection.close()
            elif trouble.how == "elsewhere":
                self._send(302, headers={"Location": trouble.where})
            elif trouble.how == "changed":
                self._send(200, b"<html><body>Nothing here.</body></html>", "text/html")
            else:
                return False
            return True

        def _cut(self, data: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2])
            self.close_connection = True

        def _page(self, name: str) -> None:
            clip = site.clip(name)
            if clip is None:
                return self._send(404)
            tracks = "".join(
                f'<track kind="captions" srclang="{code}" src="/captions/{name}.{code}.vtt">' for code in clip.captions
            )
            page = (
                f"<!doctype html><html><head><title>{clip.title}</title></head><body>"
                f'<video src="/media/{name}.mp4" controls>{tracks}</video></body></html>'
            )
            return self._send(200, page.encode(), "text/html; charset=utf-8")

        def _watch(self, name: str, trouble: Trouble | None) -> None:
            clip = site.clip(name)
            if clip is None:
                return self._send(404)
            said = {"trouble": trouble.how} if trouble else _said(site, clip)
            page = f"<html><body><script>data = {json.dumps(said)}</script></body></html>"
            return self._send(200, page.encode(), "text/html; charset=utf-8")

        def _captions(self, name: str) -> None:
            clip = site.clip(name.split(".")[0])
            self._send(200, captions(clip.text), "text/vtt") if clip else self._send(404)

        def _media(self, name: str, trouble: Trouble | None) -> None:
            clip = site.clip(name.split(".")[0])
            if clip is None:
                return self._send(404)
            data = clip.media or film()
            if trouble:
                return self._cut(data)
            start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
            if start:
                place = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
                return self._send(206, data[start:], "video/mp4", place)
            return self._send(200, data, "video/mp4")

        def _json(self, value: Any) -> None:
            self._send(200, json.dumps(value).encode(), "application/json")

        def _send(
            self, status: int, body: bytes = b"", kind: str = "text/plain", headers: dict[str, str] | None = None
        ) -> None:
            self.send_response(status)
            for key, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | (headers or {})).items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent: what was asked is recorded."""

    return Handler


def _said(site: VideoSite, clip: Clip) -> dict[str, Any]:
    """What a page says of a film, by the names yt-dlp uses."""

    def track(code: str, query: str = "") -> list[dict[str, str]]:
        return [{"ext": "vtt", "url": f"{site.url}/captions/{clip.id}.{code}.vtt{query}"}]

    automatic = {f"{code}-orig": track(code, f"?lang={code}") for code in clip.automatic}
    automatic |= {code: track(code, f"?lang={clip.language}&tlang={code}") for code in clip.translated}
    return {
        "title": clip.title, "channel": clip.channel, "duration": clip.seconds, "view_count": clip.views,
        "license": clip.licence or None, "upload_date": clip.published, "description": clip.description,
        "language": clip.language, "subtitles": {code: track(code) for code in clip.captions},
        "automatic_captions": automatic,
        "formats": [] if clip.formless else [_form(site, clip)],
    }


def _form(site: VideoSite, clip: Clip) -> dict[str, str]:
    if clip.playlist:
        return {"format_id": "0", "url": f"{site.url}/media/{clip.id}.m3u8", "ext": "mp4", "protocol": "m3u8_native"}
    return {"format_id": "0", "url": f"{site.url}/media/{clip.id}.mp4", "ext": "mp4"}
