"""yt-dlp as a library: what it is asked with, and what it answers as plain data.

It reads no settings of its own (a library call never does), loads no plugins, starts no program to change files,
writes no cache, and has one way to the network, which is fenced.
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
from pressrun.services.sources.youtube.fence import fence_of, fenced_handler
from pressrun.services.sources.youtube.troubles import as_pressrun_error

PATIENCE = 12.0
"""Seconds after which a connection that says nothing counts as dropped."""
LARGEST_SOUND = 500 * 1024 * 1024
"""Bytes of a download: an hour of sound takes 60 MB, and of a small video 400 MB."""
LARGEST_CAPTIONS = 20 * 1024 * 1024
PLUGINS = "PRESSRUN_YTDLP_PLUGINS"
"""Variable that names a folder of yt-dlp plugins; without it none are loaded, wherever they lie."""

Info = dict[str, Any]


class Library:
    """yt-dlp for one stage. All of its methods raise errors of `pressrun.errors` and nothing else."""

    def __init__(self, ydl: Any) -> None:
        self._ydl = ydl

    def search(self, engine: str, phrase: str, results: int) -> list[Info]:
        """What the search lists, in its order, with no more than the list says: no page of a video is opened."""
        _check_engine(engine)
        with told_plainly():
            found = self._ydl.extract_info(f"{engine}{results}:{phrase}", download=False, process=False)
            return [dict(each) for each in (found or {}).get("entries") or () if each]

    def details(self, url: str) -> Info:
        """What the page of a video says; of a page with several, the first."""
        with told_plainly():
            found = self._ydl.extract_info(url, download=False) or {}
            entries = [each for each in found.get("entries") or () if each]
            return dict(entries[0] if entries else found)

    def text(self, track: Info) -> bytes:
        """A file of captions. Raises `SourceError` for one that is too large."""
        from yt_dlp.networking import Request

        if track.get("data") is not None:
            return str(track["data"]).encode()
        with told_plainly():
            answer = self._ydl.urlopen(Request(track["url"], headers=track.get("http_headers") or {}))
            data = bytes(answer.read(LARGEST_CAPTIONS + 1))
        if len(data) > LARGEST_CAPTIONS:
            raise SourceError(
                f"The captions at {track['url'][:100]} are larger than {LARGEST_CAPTIONS // 1024**2} MB",
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
        with told_plainly():
            done, _ = self._ydl.dl(str(path), info)
        if not done or not path.is_file():
            raise SourceError(
                f"{info.get('webpage_url')} is larger than {LARGEST_SOUND // 1024**2} MB, or broke off",
                remedy="Choose shorter videos with longest_source, or block the channel with channels_blocked.",
            )


@contextmanager
def opened(context: Context) -> Iterator[Library]:
    """yt-dlp with the settings of `context`."""
    from yt_dlp import YoutubeDL

    _choose_plugins(os.environ.get(PLUGINS, ""))
    handler = fenced_handler(fence_of(str(context.settings["source_hosts"])))

    class FencedYoutubeDL(YoutubeDL):  # type: ignore[misc]
        def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:  # noqa: ARG002
            return super().build_request_director([handler])

    with told_plainly():
        ydl = FencedYoutubeDL(_options(context))
    try:
        yield Library(ydl)
    finally:
        ydl.close()


@contextmanager
def told_plainly() -> Iterator[None]:
    """Errors of yt-dlp that go up through the block become errors of `pressrun.errors`."""
    from yt_dlp.utils import YoutubeDLError

    try:
        yield
    except YoutubeDLError as error:
        raise as_pressrun_error(error) from error


def _check_engine(engine: str) -> None:
    """Raises `SettingsError` for a search that yt-dlp does not know: it would take the whole for an address."""
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
        "socket_timeout": PATIENCE, "retries": 0, "fragment_retries": 0, "extractor_retries": 0,
        "file_access_retries": 0, "max_filesize": LARGEST_SOUND, "ratelimit": rate * 1024 or None,
        "format": "/".join(f"{kind}[protocol={scheme}]" for kind in ("ba", "b") for scheme in ("https", "http")),
        "progress_hooks": [_stop_when_too_large],
    }
    if proxy := redaction.find_secret("proxy"):
        options["proxy"] = proxy.reveal()
    if cookies := checked_cookies():
        options["cookiefile"] = cookies
    return options


def _stop_when_too_large(state: Info) -> None:
    """For servers that do not say beforehand how much they send."""
    from yt_dlp.utils import DownloadError

    if (state.get("downloaded_bytes") or 0) > LARGEST_SOUND:
        raise DownloadError(f"The download is larger than {LARGEST_SOUND // 1024**2} MB")


def checked_cookies() -> io.StringIO | None:
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
