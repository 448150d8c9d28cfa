"""Call yt-dlp as a library and return plain data.

It reads no settings of its own (a library call never does), loads no plugins, starts no program to change files,
writes no cache, and has only one request handler, which checks every host.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pressrun import redaction
from pressrun.errors import SettingsError, SourceError
from pressrun.services.protocols import Context
from pressrun.services.sources.youtube.errors import translate_error
from pressrun.services.sources.youtube.host_guard import guarded_handler, host_guard

SOCKET_TIMEOUT = 12.0
"""Seconds without data after which a connection counts as dropped."""
MAX_SOUND_BYTES = 500 * 1024 * 1024
"""Bytes of a download: an hour of sound takes 60 MB, and of a small video 400 MB."""
MAX_CAPTION_BYTES = 20 * 1024 * 1024
PLUGINS_VARIABLE = "PRESSRUN_YTDLP_PLUGINS"
"""Variable that names a folder of yt-dlp plugins; without it no plugins are loaded."""

Info = dict[str, Any]


class YtDlp:
    """yt-dlp for one stage. All of its methods raise errors of `pressrun.errors` and nothing else."""

    def __init__(self, ydl: Any) -> None:
        self._ydl = ydl

    def search(self, engine: str, phrase: str, results: int) -> list[Info]:
        """What the search lists, in its order, with no more than the list says: no page of a video is opened."""
        _check_engine(engine)
        with translate_errors():
            found = self._ydl.extract_info(f"{engine}{results}:{phrase}", download=False, process=False)
            return [dict(each) for each in (found or {}).get("entries") or () if each]

    def details(self, url: str) -> Info:
        """What the page of a video says; of a page with several, the first."""
        with translate_errors():
            found = self._ydl.extract_info(url, download=False) or {}
            entries = [each for each in found.get("entries") or () if each]
            return dict(entries[0] if entries else found)

    def text(self, track: Info) -> bytes:
        """A file of captions. Raises `SourceError` for one that is too large."""
        from yt_dlp.networking import Request

        if track.get("data") is not None:
            return str(track["data"]).encode()
        with translate_errors():
            answer = self._ydl.urlopen(Request(track["url"], headers=track.get("http_headers") or {}))
            data = bytes(answer.read(MAX_CAPTION_BYTES + 1))
        if len(data) > MAX_CAPTION_BYTES:
            raise SourceError(
                f"The captions at {track['url'][:100]} are larger than {MAX_CAPTION_BYTES // 1024**2} MB",
                remedy="Block the channel with channels_blocked, or use a source of your own.",
            )
        return data

    def download(self, info: Info, path: Path) -> None:
        """The media that `info` chose, into exactly this file; a part of an earlier try is gone on with."""
        if info.get("protocol") not in ("http", "https"):
            raise SourceError(
                f"The sound of {info.get('webpage_url')} comes as {info.get('protocol')}, which is not read",
                remedy="Choose another video with search_phrases or channels_blocked.",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        with translate_errors():
            done, _ = self._ydl.dl(str(path), info)
        if not done or not path.is_file():
            raise SourceError(
                f"{info.get('webpage_url')} is larger than {MAX_SOUND_BYTES // 1024**2} MB, or broke off",
                remedy="Choose shorter videos with longest_source, or block the channel with channels_blocked.",
            )


@contextmanager
def open_ytdlp(context: Context) -> Iterator[YtDlp]:
    """yt-dlp with the settings of `context`."""
    from yt_dlp import YoutubeDL

    _choose_plugins(os.environ.get(PLUGINS_VARIABLE, ""))
    handler = guarded_handler(host_guard(str(context.settings["source_hosts"])))

    class FencedYoutubeDL(YoutubeDL):  # type: ignore[misc]
        def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:  # noqa: ARG002
            return super().build_request_director([handler])

    with translate_errors():
        ydl = FencedYoutubeDL(_options(context))
    try:
        yield YtDlp(ydl)
    finally:
        ydl.close()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Errors of yt-dlp that go up through the block become errors of `pressrun.errors`."""
    from yt_dlp.utils import YoutubeDLError

    try:
        yield
    except YoutubeDLError as error:
        raise translate_error(error) from error


def _check_engine(engine: str) -> None:
    """Raise `SettingsError` for an unknown search: yt-dlp would treat it as an address."""
    from yt_dlp.extractor import gen_extractor_classes

    known = (each for each in gen_extractor_classes() if each.ie_key() != "Generic")
    if not engine.isalnum() or not any(each.suitable(f"{engine}1:book") for each in known):
        raise SettingsError(
            f'Setting search_engine: yt-dlp has no search "{engine}"',
            remedy='Use "ytsearch", or name the folder of the plugin that has it in PRESSRUN_YTDLP_PLUGINS.',
        )


def _options(context: Context) -> Info:
    rate = int(context.settings.get("source_rate", 0))
    options: Info = {
        "quiet": True, "noprogress": True, "color": "never", "logger": _Log(),
        "cachedir": False, "usenetrc": False, "enable_file_urls": False, "remote_components": [],
        "postprocessors": [], "fixup": "never", "external_downloader": {}, "updatetime": False,
        "noplaylist": True, "ignore_no_formats_error": True, "writeautomaticsub": True,
        "socket_timeout": SOCKET_TIMEOUT, "retries": 0, "fragment_retries": 0, "extractor_retries": 0,
        "file_access_retries": 0, "max_filesize": MAX_SOUND_BYTES, "ratelimit": rate * 1024 or None,
        "format": "/".join(f"{kind}[protocol={scheme}]" for kind in ("ba", "b") for scheme in ("https", "http")),
        "progress_hooks": [_stop_when_too_large],
    }
    if proxy := redaction.find_secret("proxy"):
        options["proxy"] = proxy.reveal()
    if cookies := load_cookies():
        options["cookiefile"] = cookies
    return options


def _stop_when_too_large(state: Info) -> None:
    """Stop downloads from servers that do not send a content length."""
    from yt_dlp.utils import DownloadError

    if (state.get("downloaded_bytes") or 0) > MAX_SOUND_BYTES:
        raise DownloadError(f"The download is larger than {MAX_SOUND_BYTES // 1024**2} MB")


def load_cookies() -> io.StringIO | None:
    """A copy in memory, which yt-dlp may write to: the file of the user stays as it is.

    Raises `SettingsError` for a file that cannot be read, and for cookies in another form.
    """
    found = redaction.find_secret("cookies")
    if found is None:
        return None
    lines = [line for line in found.reveal().splitlines() if line.strip()]
    entries = (line.removeprefix("#HttpOnly_") for line in lines)
    rows = [entry.split("\t") for entry in entries if not entry.startswith("#")]
    if not rows or any(len(row) != 7 for row in rows):
        raise SettingsError(
            "The cookies are not in the form of Netscape: seven columns with tabs between them",
            remedy="Export them again as cookies.txt, and name the file in PRESSRUN_COOKIES_FILE.",
        )
    redaction.register(*(row[6] for row in rows))
    return io.StringIO("\n".join(["# Netscape HTTP Cookie File", *lines, ""]))


def _choose_plugins(folder: str) -> None:
    """yt-dlp would load every package it finds beside its settings, beside Python's modules and in the home folder."""
    from yt_dlp.globals import all_plugins_loaded, plugin_dirs

    wanted = [folder] if folder else []
    if plugin_dirs.value != wanted:
        plugin_dirs.value = wanted
        all_plugins_loaded.value = False


class _Log:
    """What yt-dlp would print goes to the log of the stage."""

    def _write(self, text: str) -> None:
        print(text, file=sys.stderr)

    warning: Callable[[_Log, str], None] = _write
    error: Callable[[_Log, str], None] = _write

    def debug(self, text: str) -> None:
        """Not kept: it would hold every address with its tokens."""
