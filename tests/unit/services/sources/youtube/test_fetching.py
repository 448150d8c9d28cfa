"""Fetching: captions into the parts of the stage, or the sound, and what is not asked for twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.video_site import SENTENCES, Clip, Trouble, film

from pressrun import redaction
from pressrun.errors import (
    NetworkError,
    OutdatedLibraryError,
    PressrunError,
    ServiceUnavailableError,
    SettingsError,
    SourceError,
)
from pressrun.services.choice import choose_service
from pressrun.services.sources import youtube
from pressrun.services.sources.youtube import ytdlp
from pressrun.settings import ItemSettings, default_settings

Make = Callable[..., Clip]
COOKIES = "# Netscape HTTP Cookie File\n\n#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t2147483647\tSID\tcanary-cookie-value\n"


def test_captions_are_put_into_the_parts_and_nowhere_else(session: Any, clip: Make) -> None:
    path = session.fetch(clip())
    assert path.parent == session.folder / "parts"
    assert path.suffix == ".vtt"
    assert SENTENCES[0] in path.read_text()
    assert [each for each in session.folder.rglob("*") if each.is_file()] == [path]
    assert session.facts == {"captions": "manual en"}


def test_what_an_earlier_try_fetched_is_not_requested_again(session: Any, clip: Make) -> None:
    first = session.fetch(clip())
    asked = len(session.site.asked)
    match = session.find(clip())
    again = youtube.fetch(match.chosen, session.folder, session.context())
    assert again == first
    assert not any(path.startswith("/captions") for path in session.site.asked[asked:])


def test_automatic_and_translated_captions_are_fetched_where_there_are_no_others(session: Any, clip: Make) -> None:
    session.fetch(clip(captions=(), automatic=("en",)))
    assert session.site.asked[-1] == "/captions/one.en.vtt?lang=en"
    session.fetch(clip(translated=("de",)), language="de")
    assert session.site.asked[-1] == "/captions/one.de.vtt?lang=en&tlang=de"
    assert session.facts == {"captions": "translated de"}


def test_the_sound_is_put_into_the_parts_under_a_name_of_ours(session: Any, clip: Make) -> None:
    path = session.fetch(clip(captions=()), kind="media")
    assert path.parent == session.folder / "parts"
    assert path.read_bytes() == film()
    assert [each for each in session.folder.rglob("*") if each.is_file()] == [path]


def test_a_download_that_broke_off_may_be_tried_again_and_continues_where_it_was(session: Any, clip: Make) -> None:
    data = film(bytes(64_000))
    media = clip(captions=(), media=data)
    session.site.troubles.append(Trouble("/media", "cut", times=1))
    with pytest.raises(NetworkError, match="was interrupted") as caught:
        session.fetch(media, kind="media")
    assert caught.value.retryable
    path = session.fetch(media, kind="media")
    assert session.site.headers[-1]["Range"] == f"bytes={len(data) // 2}-"
    assert path.read_bytes() == data


def test_a_download_that_is_too_large_ends(session: Any, clip: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ytdlp, "MAX_AUDIO_BYTES", 1000)
    with pytest.raises(SourceError, match="larger than"):
        session.fetch(clip(captions=()), kind="media")


def test_captions_that_are_gone_are_no_source(session: Any, clip: Make) -> None:
    match = session.find(clip())
    session.site.clips = (clip(captions=()),)
    with pytest.raises(SourceError, match="no longer has captions"):
        youtube.fetch(match.chosen, session.folder, session.context())


def test_cookies_are_sent_kept_out_of_texts_and_the_file_stays_as_it_is(
    session: Any, clip: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text(COOKIES)
    file.chmod(0o400)
    monkeypatch.setenv("PRESSRUN_COOKIES_FILE", str(file))
    before = file.stat()
    session.fetch(clip())
    assert session.site.headers[-1]["Cookie"] == "SID=canary-cookie-value"
    assert (file.read_text(), file.stat().st_mtime_ns) == (COOKIES, before.st_mtime_ns)
    assert redaction.redact("a canary-cookie-value b") == "a [hidden] b"
    assert "canary" not in "".join(each.read_text() for each in (session.folder / "parts").iterdir())


def test_cookies_in_another_form_are_an_error_before_anything_is_asked(
    session: Any, clip: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_COOKIES", '[{"name": "SID", "value": "canary-json-cookie"}]')
    with pytest.raises(SettingsError, match="not in Netscape format") as caught:
        session.find(clip())
    assert "canary" not in caught.value.message
    assert session.site.asked == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("PRESSRUN_COOKIES_FILE", None, "cannot be read: No such file or directory"),
        ("PRESSRUN_COOKIES_FILE", "SID=canary-cookie-value", "not in Netscape format"),
        ("PRESSRUN_PROXY_FILE", "", "is empty"),
    ],
    ids=["missing", "in another form", "of the proxy"],
)
def test_a_file_that_cannot_be_used_is_reported_before_there_is_a_plan(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str | None, words: str
) -> None:
    file = tmp_path / "of-the-user.txt"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv(name, str(file))
    for source in ("auto", "youtube"):
        settings = replace(default_settings(), item=replace(ItemSettings(), source=source))
        with pytest.raises(ServiceUnavailableError, match=words) as caught:
            choose_service("source", settings, tmp_path / "empty")
        assert caught.value.exit_code == 2
        assert caught.value.remedy
        assert "canary" not in f"{caught.value.message} {caught.value.remedy}"
    assert session.site.asked == []


def test_a_proxy_is_used_and_its_password_never_shown(
    session: Any, clip: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_PROXY", "http://ann:canary-password@127.0.0.1:9")
    with pytest.raises(NetworkError) as caught:
        session.find(clip())
    assert session.site.asked == []
    assert "canary" not in redaction.redact(f"{caught.value.message} {caught.value.remedy}")


def test_through_a_proxy_the_site_is_asked_by_its_name(
    session: Any, clip: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_PROXY", session.site.url)
    session.find(clip())
    assert session.site.asked[0].startswith(f"{session.site.url}/search")


def test_plugins_and_settings_lying_about_are_not_loaded(session: Any, clip: Make) -> None:
    home, sprung = session.folder / "home", session.folder / "sprung"
    place = home / "yt-dlp" / "plugins" / "other" / "yt_dlp_plugins" / "extractor"
    place.mkdir(parents=True)
    (place / "trap.py").write_text(f"open({str(sprung)!r}, 'w').close()\n")
    (home / "yt-dlp" / "config").write_text(f"--exec 'touch {sprung}'\n")
    session.site.clips = (clip(plain=True),)
    environment = {**os.environ, "XDG_CONFIG_HOME": str(home), "PRESSRUN_YTDLP_PLUGINS": ""}
    fetched = f"{session.site.url}/page/one"
    for start, springs in (("open_ytdlp(context)", False), ("nullcontext(YtDlp(YoutubeDL({'quiet': True})))", True)):
        code = (
            "import sys; from contextlib import nullcontext; from pathlib import Path; from yt_dlp import YoutubeDL;"
            "from pressrun.services.protocols import Context;"
            "from pressrun.services.sources.youtube.ytdlp import YtDlp, open_ytdlp;"
            "context = Context(Path(), {'source_hosts': '127.0.0.1'})\n"
            f"with {start} as ytdlp: print(ytdlp.details(sys.argv[1])['title'])"
        )
        command = [sys.executable, "-c", code, fetched]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.startswith(clip().title)
        assert sprung.exists() == springs


def test_a_rate_limits_a_download(session: Any, clip: Make) -> None:
    data = film() + bytes(30_000)
    begun = time.monotonic()
    session.fetch(clip(captions=(), media=data), kind="media", source_rate=40)
    assert time.monotonic() - begun > 0.4


def test_a_candidate_of_elsewhere_is_not_fetched(session: Any, clip: Make) -> None:
    match = session.find(clip())
    for location in ("http://localhost:1/watch/one", "file:///etc/hostname", "sources/nothing.txt"):
        with pytest.raises(PressrunError) as caught:
            youtube.fetch(replace(match.chosen, location=location), session.folder, session.context())
        assert caught.value.remedy


def test_a_page_without_sound_says_what_yt_dlp_may_lack(
    session: Any, clip: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    match = session.find(clip())
    session.site.clips = (clip(formless=True),)
    with pytest.raises(OutdatedLibraryError, match="no audio to download") as caught:
        youtube.fetch(replace(match.chosen, kind="media"), session.folder, session.context())
    assert "pip install -U yt-dlp" in caught.value.remedy


def test_sound_in_a_playlist_of_segments_is_not_fetched(session: Any, clip: Make) -> None:
    match = session.find(clip())
    session.site.clips = (clip(playlist=True),)
    with pytest.raises(SourceError):
        youtube.fetch(replace(match.chosen, kind="media"), session.folder, session.context())
    assert not any(path.endswith(".m3u8") for path in session.site.asked)


def test_the_check_asks_the_search_for_one_result(session: Any, clip: Make) -> None:
    assert "search works" in youtube.check(session.context())
    assert len(session.site.asked) == 1
