"""Rank the matching videos as sources, and reject unsuitable ones."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pressrun.model.book import fold
from pressrun.model.script import Video
from pressrun.services.sources.matching import MIN_SCORE

WEIGHTS = {"title": 0.35, "captions": 0.3, "length": 0.15, "views": 0.1, "age": 0.1}
"""Weights of the criteria for matching videos; they add up to 1."""
CAPTION_SCORES = {"manual": 1.0, "automatic": 0.6, "translated": 0.3}
NO_CAPTIONS_SCORE = 89.0
"""Maximum score of a video without captions, below all that have some."""
WITH_CAPTIONS = 90.0
FULL_SCORE_VIEWS = 10_000_000
REJECTED_SCORE = 0.5
"""Factor on the score of a video that is not allowed."""


@dataclass(frozen=True)
class Rules:
    """Requirements from the settings; times in seconds. Channels are folded names, or IDs."""

    shortest: float
    longest: float
    licence: str
    allowed: frozenset[str]
    blocked: frozenset[str]


def parse_rules(settings: Mapping[str, Any]) -> Rules:
    return Rules(
        float(settings["shortest_source"]), float(settings["longest_source"]), str(settings["source_licence"]),
        _parse_channels(str(settings["channels_allowed"])), _parse_channels(str(settings["channels_blocked"])),
    )


def _parse_channels(setting: str) -> frozenset[str]:
    return frozenset(fold(each).lstrip("@") for each in setting.split(",") if each.strip())


def objection(info: Mapping[str, Any], rules: Rules, *, has_details: bool) -> str:
    """Return why a video is not allowed, or an empty string.

    Until its page was opened (`has_details`), missing values count as allowed.
    """
    keys = ("channel", "channel_id", "uploader", "uploader_id")
    names = {fold(str(info[key])).lstrip("@") for key in keys if info.get(key)}
    if names & rules.blocked:
        return f"its channel {info.get('channel') or info.get('uploader')} is blocked"
    if rules.allowed and not names & rules.allowed and (names or has_details):
        return f"its channel {info.get('channel') or info.get('uploader') or '(unknown)'} is not allowed"
    if info.get("live_status") in ("is_live", "is_upcoming", "post_live"):
        return "it is live or has not started"
    seconds = info.get("duration")
    if seconds is not None and not rules.shortest <= float(seconds) <= rules.longest:
        which = "shorter than shortest_source" if float(seconds) < rules.shortest else "longer than longest_source"
        return f"its length of {format_minutes(float(seconds))} is {which}"
    if has_details and rules.licence == "creativeCommon" and not is_creative_commons(str(info.get("license") or "")):
        return f"its licence is {info.get('license') or 'unknown'}, not Creative Commons"
    return ""


def is_creative_commons(licence: str) -> bool:
    return bool(re.search(r"creative.?commons|\bcc[- ]?(by|0)\b", licence, re.IGNORECASE))


def format_minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


def rank_score(match: float, video: Video, rules: Rules, newest: str) -> float:
    """Return the score of an allowed video that matches, 85 to 100.

    `newest` is the latest day among the candidates, so the same results give the same scores on any day.
    """
    kind = video.captions.split(" ")[0]
    quality = {
        "title": (match - MIN_SCORE) / (100 - MIN_SCORE),
        "captions": CAPTION_SCORES.get(kind, 0.0),
        "length": _length(video.seconds, rules),
        "views": math.log1p(min(video.views or 0, FULL_SCORE_VIEWS)) / math.log1p(FULL_SCORE_VIEWS),
        "age": _age(video.published, newest),
    }
    share = sum(WEIGHTS[name] * min(max(value, 0.0), 1.0) for name, value in quality.items())
    low, high = (WITH_CAPTIONS, 100.0) if kind in CAPTION_SCORES else (MIN_SCORE, NO_CAPTIONS_SCORE)
    return round(low + share * (high - low), 2)


def _length(seconds: float | None, rules: Rules) -> float:
    """Return 1 in the middle of the window, on a logarithmic scale, and 0 at its ends."""
    low, high = max(rules.shortest, 1.0), max(rules.longest, 2.0)
    if seconds is None or seconds <= 0 or high <= low:
        return 0.0
    return 1 - abs(math.log(seconds / math.sqrt(low * high))) / (math.log(high / low) / 2)


def _age(published: str, newest: str) -> float:
    """Return 1 for the newest video, and half for one that is five years older."""
    try:
        years = (date.fromisoformat(newest) - date.fromisoformat(published)).days / 365
    except ValueError:
        return 0.0
    return float(0.5 ** (max(years, 0.0) / 5))


def newest_date(videos: Sequence[Video]) -> str:
    return max((video.published for video in videos), default="")
