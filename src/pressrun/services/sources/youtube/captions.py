"""Choose captions of a video: human before automatic, the requested language before translations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from pressrun.services.languages import LANGUAGE_CODES

CAPTION_FORMATS = ("vtt", "srt")
"""Supported formats, in order of preference."""

Info = Mapping[str, Any]
Origin = Literal["manual", "automatic", "translated"]


@dataclass(frozen=True)
class CaptionTrack:
    """A captions track. `language` is a two-letter code if there is one, `form` the suffix of its file."""

    origin: Origin
    language: str
    form: str
    track: Info

    def __str__(self) -> str:
        return f"{self.origin} {self.language}"


def best_captions(info: Info, language: str | None) -> CaptionTrack | None:
    """Return the track to use, or None.

    Without `language` (a code), the language of the video is preferred and nothing is translated. With it, captions in
    another language are never used: the voice would read them wrongly.
    """
    found = list(_tracks(info))
    if language:
        found = [each for each in found if each.language == language]
    else:
        own = _language_code(str(info.get("language") or _spoken(info)))
        found = sorted((each for each in found if each.origin != "translated"), key=lambda each: each.language != own)
    order = ("manual", "automatic", "translated")
    return min(found, key=lambda each: order.index(each.origin), default=None)


def _tracks(info: Info) -> Iterator[CaptionTrack]:
    for name, forms in (info.get("subtitles") or {}).items():
        if name != "live_chat" and (track := _readable_format(forms)):
            yield CaptionTrack("manual", _language_code(name), *track)
    automatic = info.get("automatic_captions") or {}
    # A translation of human captions ("de-en") is better than speech recognition ("de").
    for name in sorted(automatic, key=lambda each: (not each.endswith("-orig"), "-" not in each)):
        if track := _readable_format(automatic[name]):
            yield CaptionTrack("translated" if _is_translated(track[1]) else "automatic", _language_code(name), *track)


def _spoken(info: Info) -> str:
    """Return the language that was recognized automatically, if the site marks it."""
    return next((name for name in info.get("automatic_captions") or () if name.endswith("-orig")), "")


def _readable_format(forms: Any) -> tuple[str, Info] | None:
    plain = (None, "http", "https")
    usable = [each for each in forms or () if each.get("ext") in CAPTION_FORMATS and each.get("protocol") in plain]
    best = min(usable, key=lambda each: CAPTION_FORMATS.index(each["ext"]), default=None)
    return (str(best["ext"]), best) if best and (best.get("url") or best.get("data")) else None


def _is_translated(track: Info) -> bool:
    """Return whether the address requests a translation (`tlang`) into another language than the one spoken (`lang`).
    """
    asked = parse_qs(urlsplit(str(track.get("url") or "")).query)
    return bool(asked.get("tlang")) and asked["tlang"] != asked.get("lang")


def _language_code(name: str) -> str:
    """Return `en` for `en-US`, `en-orig` or `en-de` (English translated from German)."""
    code = name.replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGE_CODES else name
