"""All outside services at once, on this machine: what a workspace needs to use them, and what they were asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.loopback.covers import Library, Shelved
from tests.loopback.language_model import KEYS, LanguageModel
from tests.loopback.speech import Speech
from tests.loopback.video_site import Clip, VideoSite
from tests.loopback.youtube_api import ACCESS, REFRESH, YouTube, youtube_api

SETTINGS = Path(__file__).with_name("pressrun.toml")
BOOK = "The Lamp on the Rock | Ada Keeper"
COOKIE = "canary-cookie-77aa01"
CLIENT_SECRET = "canary-client-secret-91c3"


@dataclass
class World:
    site: VideoSite
    model: LanguageModel
    speech: Speech
    library: Library
    youtube: YouTube
    environment: dict[str, str]
    """What a user would export, with the addresses of the servers."""
    canaries: tuple[str, ...]
    """Every key, token and cookie that is in use."""

    def prepare(self, workspace: Path) -> None:
        shutil.copy(SETTINGS, workspace / "pressrun.toml")
        (workspace / "books.txt").write_text(f"{BOOK}\n", encoding="utf-8")


@contextmanager
def world(private: Path) -> Iterator[World]:
    """All servers until the end of the block; tokens and cookies lie in the folder `private`."""
    clip = Clip("lamp", "The Lamp on the Rock by Ada Keeper: summary", description="A keeper and her lamp.")
    with (
        VideoSite((clip,)) as site, LanguageModel() as model, Speech(spoken=True) as speech,
        Library([Shelved("The Lamp on the Rock", "Ada Keeper", cover=7)]) as library, youtube_api() as youtube,
    ):
        token = private / "youtube-token.json"
        token.write_text(youtube.token_file().replace("client-canary-01fe", CLIENT_SECRET))
        token.chmod(0o600)
        cookies = private / "cookies.txt"
        cookies.write_text(
            f"# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t2147483647\tsession\t{COOKIE}\n"
        )
        environment = {
            "PRESSRUN_VOICE": "gtts",
            **site.environment, **model.environment, **speech.environment, **library.environment, **KEYS,
            "PRESSRUN_YOUTUBE_API": youtube.address,
            "PRESSRUN_YOUTUBE_TOKEN_FILE": str(token),
            "PRESSRUN_YOUTUBE_CLIENT_FILE": str(private / "client.json"),
            "PRESSRUN_UPLOAD_LEDGER": str(private / "uploads.json"),
            "PRESSRUN_COOKIES_FILE": str(cookies),
        }
        canaries = (*KEYS.values(), COOKIE, CLIENT_SECRET, ACCESS, REFRESH)
        yield World(site, model, speech, library, youtube, environment, canaries)
