"""A video site on this machine, which yt-dlp itself searches and reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.video_site import Clip, VideoSite

from pressrun.model.book import Book
from pressrun.model.script import SourceMatch
from pressrun.services.protocols import Context
from pressrun.services.sources import youtube
from pressrun.settings import ItemSettings, as_plain

BOOK = Book("The Keeper of the Lamp", "Ann Harbour")
CLIP = Clip("one", "The Keeper of the Lamp by Ann Harbour")


class SourceSession:
    """A site, the settings of a user who looks there, and what the source said."""

    def __init__(self, site: VideoSite, folder: Path) -> None:
        self.site = site
        self.folder = folder
        self.notes: list[str] = []
        self.facts: dict[str, str] = {}

    def context(self, **settings: Any) -> Context:
        values = {**as_plain(ItemSettings()), "search_phrases": "{title} {author}", **self.site.settings, **settings}
        return Context(self.folder, values, self.folder / "parts", 1, self.notes.append, self.facts.__setitem__)

    def find(self, *clips: Clip, book: Book = BOOK, **settings: Any) -> SourceMatch:
        self.site.clips = clips
        return youtube.find([book], self.context(**settings))[0]

    def fetch(self, clip: Clip, kind: str = "captions", **settings: Any) -> Path:
        match = self.find(clip, **settings)
        assert match.chosen is not None
        return youtube.fetch(replace(match.chosen, kind=kind), self.folder, self.context(**settings))  # type: ignore[arg-type]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SourceSession]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with VideoSite() as site:
        for name, value in site.environment.items():
            monkeypatch.setenv(name, value)
        yield SourceSession(site, tmp_path)


@pytest.fixture
def clip() -> Callable[..., Clip]:
    """The film that fits, with some fields changed."""

    def made(**changes: Any) -> Clip:
        return replace(CLIP, **changes)

    return made
