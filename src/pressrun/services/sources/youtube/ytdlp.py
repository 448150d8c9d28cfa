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
MAX_AUDIO_BYTES = 500 * 1024 * 1024
"""Maximum bytes of a download: an hour of audio takes 60 MB, of a small video 400 MB."""
MAX_CAPTION_BYTES = 20 * 1024 * 1024
PLUGINS_VARIABLE = "PRESSRUN_YTDLP_PLUGINS"
"""Variable that names a folder of yt-dlp plugins; without it no plugins are loaded."""

Info = dict[str, Any]


class YtDlp:
    """yt-dlp for one stage. Its methods raise only errors of `pressrun.errors`."""

    def __init__(self, ydl: Any) -> None:
        self._ydl = ydl

    def search(self, engine: str, phrase: str, results: int) -> list[Info]:
        """Return the search results in order, only with the details in the list: no page of a video is opened."""
        _check_engine(engine)
        with translate_errors():
            found = self._ydl.extract_info(f"{engine}{results}:{phrase}", download=False, process=False)
            return [dict(each) for each in (found or {}).get("entries") or () if each]

    def details(self, url: str) -> Info:
        """Return the details on the page of a video; if it has several, of the first."""
        with translate_errors():
            found = self._ydl.extract_info(url, download=False) or {}
            entries = [each for each in found.get("entries") or () if each]
            return dict(entries[0] if entries else found)

    def text(self, track: Info) -> bytes:
        """Return a captions file. Raises `SourceError` if it is too large."""
        from yt_dlp.networking import Request

        if track.get("data") is not None:
            return str(track["data"]).encode()
        with translate_errors():
            answer = self._ydl.urlopen(Request(track["url"], headers=track.get("http_headers") or {}))
            data = bytes(answer.read(MAX_CAPTION_BYTES + 1))
        if len(data) > MAX_CAPTION_BYTES:
            raise SourceError(
                f"The captions at {track['url'][:100]} are larger than {MAX_CAPTION_BYTES // 1024**2} MB",
                remedy="Block the channel with channels_blocked, or use your own source.",
            )
        return data

    def download(self, info: Info, path: Path) -> None:
        """Download the media selected by `info` into exactly this file; a partial download is resumed."""
        if info.get("protocol") not in ("http", "https"):
            raise SourceError(
                f"The audio of {info.get('webpage_url')} uses {info.get('protocol')}, which is not supported",
                remedy="Choose another video with search_phrases or channels_blocked.",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        with translate_errors():
            done, _ = self._ydl.dl(str(path), info)
        if not done or not path.is_file():
            raise SourceError(
                f"{info.get('webpage_url')} is larger than {MAX_AUDIO_BYTES // 1024**2} MB, or was interrupted",
                remedy="Choose shorter videos with longest_source, or block the channel with channels_blocked.",
            )


@contextmanager
def open_ytdlp(context: Context) -> Iterator[YtDlp]:
    """Open yt-dlp with the settings of `context`."""
    from yt_dlp import YoutubeDL
    from yt_dlp.extractor import gen_extractor_classes

    _choose_plugins(os.environ.get(PLUGINS_VARIABLE, ""))
    handler = guarded_handler(host_guard(str(context.settings["source_hosts"])))

    class GuardedYoutubeDL(YoutubeDL):  # type: ignore[misc]
        def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:  # noqa: ARG002
            return super().build_request_director([handler])

        def add_default_info_extractors(self) -> None:
            # Like yt-dlp's own, which searches a list of 1800 names for each of them (0.1 s).
            by_name = {each.IE_NAME.lower(): each for each in gen_extractor_classes()}
            for each in by_name.values():
                if each._ENABLED:
                    self.add_info_extractor(each)

    with translate_errors():
        ydl = GuardedYoutubeDL(_options(context))
    try:
        yield YtDlp(ydl)
    finally:
        ydl.close()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Translate errors of yt-dlp into errors of `pressrun.errors`."""
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
            remedy='Use "ytsearch", or set PRESSRUN_YTDLP_PLUGINS to the folder of the plugin that provides it.',
        )


def _options(context: Context) -> Info:
    rate = int(context.settings.get("source_rate", 0))
    options: Info = {
        "quiet": True, "noprogress": True, "color": "never", "logger": _Log(),
        "cachedir": False, "usenetrc": False, "enable_file_urls": False, "remote_components": [],
        "postprocessors": [], "fixup": "never", "external_downloader": {}, "updatetime": False,
        "noplaylist": True, "ignore_no_formats_error": True, "writeautomaticsub": True,
        "socket_timeout": SOCKET_TIMEOUT, "retries": 0, "fragment_retries": 0, "extractor_retries": 0,
        "file_access_retries": 0, "max_filesize": MAX_AUDIO_BYTES, "ratelimit": rate * 1024 or None,
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

    if (state.get("downloaded_bytes") or 0) > MAX_AUDIO_BYTES:
        raise DownloadError(f"The download is larger than {MAX_AUDIO_BYTES // 1024**2} MB")


def load_cookies() -> io.StringIO | None:
    """Return a copy in memory, which yt-dlp may write to: the user's file does not change.

    Raises `SettingsError` for an unreadable file, and for cookies in another format.
    """
    found = redaction.find_secret("cookies")
    if found is None:
        return None
    lines = [line for line in found.reveal().splitlines() if line.strip()]
    entries = (line.removeprefix("#HttpOnly_") for line in lines)
    rows = [entry.split("\t") for entry in entries if not entry.startswith("#")]
    if not rows or any(len(row) != 7 for row in rows):
        raise SettingsError(
            "The cookies are not in Netscape format: seven tab-separated columns",
            remedy="Export them again as cookies.txt, and set PRESSRUN_COOKIES_FILE to that file.",
        )
    redaction.register(*(row[6] for row in rows))
    return io.StringIO("\n".join(["# Netscape HTTP Cookie File", *lines, ""]))


def _choose_plugins(folder: str) -> None:
    """Set the only plugin folder: yt-dlp would load every plugin next to its settings, in Python's path and in the home
    folder."""
    from yt_dlp.globals import all_plugins_loaded, plugin_dirs

    wanted = [folder] if folder else []
    if plugin_dirs.value != wanted:
        plugin_dirs.value = wanted
        all_plugins_loaded.value = False


class _Log:
    """Writes the output of yt-dlp to the log of the stage."""

    def _write(self, text: str) -> None:
        print(text, file=sys.stderr)

    warning: Callable[[_Log, str], None] = _write
    error: Callable[[_Log, str], None] = _write

    def debug(self, text: str) -> None:
        """Drop debug output: it would contain every address with its tokens."""
