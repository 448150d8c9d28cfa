from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.youtube_api import YouTube, youtube_api

from pressrun.model.script import Scene, Script
from pressrun.services.protocols import Context, Package
from pressrun.services.publishers.youtube import publishing, uploading
from pressrun.settings import ItemSettings, as_plain

SCRIPT = Script(
    title="Walden in two minutes", book_title="Walden", author="Henry David Thoreau", language="en", direction="ltr",
    hook="A hook.", scenes=(Scene("One", "A scene."),), close="A close.", description="Notes on Walden.",
    tags=("walden", "nature"), short="A short.", target_seconds=60.0,
)
SIZE = 2 * 1024 * 1024 + 300_000


@dataclass
class Place:
    """A run folder beside a server that takes uploads."""

    server: YouTube
    run: Path
    notes: list[str] = field(default_factory=list)

    def package(self, kind: str = "video", **changes: Any) -> Package:
        package = Package(
            kind, self.run / "video.mp4", (self.run / "captions.srt", self.run / "captions.vtt"),
            self.run / "thumbnail.jpg" if kind == "video" else None, SCRIPT, "private", SCRIPT.title,
            SCRIPT.description,
        )
        return replace(package, **changes)

    def context(self, **settings: Any) -> Context:
        known = as_plain(ItemSettings(**{"upload_chunk": 1, **settings}))
        return Context(self.run.parent, known, self.run / "upload.parts", note=self.notes.append)

    @property
    def record_file(self) -> Path:
        return self.run / "upload.parts" / "youtube.json"

    def record(self) -> dict[str, Any]:
        found = json.loads(self.record_file.read_text())
        assert isinstance(found, dict)
        return found

    def names(self) -> list[str]:
        """The requests that came, but for those for a token."""
        return [name for name in self.server.names() if name != "token"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    run = tmp_path / "2026-11-20_08-00-00_Walden"
    run.mkdir()
    (run / "video.mp4").write_bytes(os.urandom(SIZE))
    (run / "thumbnail.jpg").write_bytes(b"\xff\xd8 a picture")
    for name in ("captions.srt", "captions.vtt"):
        (run / name).write_text(f"{name}: A hook.\n")
    monkeypatch.setattr(uploading, "RETRY_DELAYS", (0.01,) * 5)
    monkeypatch.setattr(publishing, "LOOKUP_DELAYS", (0.0, 0.05, 0.1))
    with youtube_api() as server:
        (tmp_path / "token.json").write_text(server.token_file())
        monkeypatch.setenv("PRESSRUN_YOUTUBE_TOKEN_FILE", str(tmp_path / "token.json"))
        monkeypatch.setenv("PRESSRUN_YOUTUBE_CLIENT_FILE", str(tmp_path / "client.json"))
        monkeypatch.setenv("PRESSRUN_YOUTUBE_API", server.address)
        yield Place(server, run)
