"""Find videos about a book: run several searches, then open the pages of the best results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pressrun.errors import AuthenticationError, NetworkError, OutdatedLibraryError, PressrunError, SourceError
from pressrun.model.book import Book
from pressrun.model.script import Candidate, SourceMatch, Video
from pressrun.services.languages import parse_language
from pressrun.services.protocols import Context
from pressrun.services.sources.matching import MIN_SCORE
from pressrun.services.sources.youtube.captions import best_captions
from pressrun.services.sources.youtube.ranking import REJECTED_SCORE, newest_date, objection, parse_rules, rank_score
from pressrun.services.sources.youtube.ytdlp import Info, YtDlp, open_ytdlp
from pressrun.services.untrusted_text import to_one_line

MIN_PROMISING = 3
"""Number of videos with captions after which no further page is opened."""
MAX_DETAILS = 8
"""Maximum number of pages opened."""
MAX_NAMED = 3

SITE_ERRORS = (NetworkError, AuthenticationError)
"""Errors of the site, not of one video: the next request would fail too."""


@dataclass(frozen=True)
class SeenVideo:
    """What is known about a video; `objection` is why it is not allowed, `match` the score of title and author, 0 to
    100."""

    url: str
    info: Info
    match: float
    reason: str
    objection: str = ""
    has_details: bool = False

    @property
    def is_promising(self) -> bool:
        return self.match >= MIN_SCORE and not self.objection


def find_videos(book: Book, context: Context) -> SourceMatch:
    """Return all search results, best first. Raises errors of the site if they leave no candidates."""
    with open_ytdlp(context) as library:
        listed = _search_all(library, book, context)
        seen = [_rate_results(book, url, info, context.settings) for url, info in listed.items()]
        seen.sort(key=lambda each: (not each.is_promising, -each.match))
        seen = list(_fetch_details(seen, library, book, context))
    return _choose_candidates(seen, context, len(_search_phrases(book, context.settings)))


def _search_phrases(book: Book, settings: Mapping[str, Any]) -> list[str]:
    language = parse_language(str(settings["language"])) or ""
    words = {"{title}": book.title, "{author}": book.author or "", "{language}": language}
    filled = []
    for phrase in str(settings["search_phrases"]).split(","):
        for mark, word in words.items():
            phrase = phrase.replace(mark, word)
        filled.append(" ".join(phrase.split()))
    return [each for each in dict.fromkeys(filled) if each] or [str(book)]


def _search_all(library: YtDlp, book: Book, context: Context) -> dict[str, Info]:
    """Return address -> search entry, over all phrases, with each video once."""
    found: dict[str, Info] = {}
    failed: PressrunError | None = None
    engine, results = str(context.settings["search_engine"]), int(context.settings["search_results"])
    for phrase in _search_phrases(book, context.settings):
        try:
            for info in library.search(engine, phrase, results):
                if url := str(info.get("webpage_url") or info.get("url") or ""):
                    found.setdefault(url, info)
        except SITE_ERRORS:
            raise
        except SourceError as error:
            failed = failed or error
    if failed and not found:
        raise failed
    if failed:
        context.note(f"A search failed: {failed.message}")
    return found


def _rate_results(book: Book, url: str, info: Info, settings: Mapping[str, Any]) -> SeenVideo:
    from pressrun.services.sources.youtube.titles import match_video

    found = match_video(book, *(str(info.get(name) or "") for name in ("title", "channel", "description")))
    return SeenVideo(url, info, found.score, found.reason, objection(info, parse_rules(settings), has_details=False))


def _fetch_details(seen: Sequence[SeenVideo], library: YtDlp, book: Book, context: Context) -> Iterator[SeenVideo]:
    """Return the same videos, with details from the pages of the first few that may be suitable.

    Details missing in the search results, above all the author, may be on the page, so near misses are opened while
    there are too few other candidates.
    """
    language = parse_language(str(context.settings["language"]))
    opened_pages = good = 0
    stopped: PressrunError | None = None
    for each in seen:
        hopeful = not each.objection and each.match >= MIN_SCORE * 0.8
        if stopped or not hopeful or good >= MIN_PROMISING or opened_pages >= MAX_DETAILS:
            yield each
            continue
        opened_pages += 1
        try:
            detailed = _rate_details(book, each, library.details(each.url), context.settings)
        except SITE_ERRORS as error:
            if not good:
                raise
            stopped = error
            yield each
            continue
        except SourceError as error:
            if isinstance(error, OutdatedLibraryError):
                context.note(f"{error.message}. {error.remedy}")
            yield replace(each, objection=error.message)
            continue
        good += detailed.is_promising and best_captions(detailed.info, language) is not None
        yield detailed
    if stopped:
        context.note(f"Not all videos were checked: {stopped.message}")


def _rate_details(book: Book, before: SeenVideo, details: Info, settings: Mapping[str, Any]) -> SeenVideo:
    # The page knows more than the search result, but the page of a plain site has fewer details.
    info = {**before.info, **{key: value for key, value in details.items() if value not in (None, "", [], {})}}
    if before.info.get("title"):
        info["title"] = before.info["title"]
    detailed = _rate_results(book, before.url, info, settings)
    return replace(detailed, objection=objection(info, parse_rules(settings), has_details=True), has_details=True)


def _choose_candidates(seen: Sequence[SeenVideo], context: Context, phrases: int) -> SourceMatch:
    videos = {each.url: _to_video(each, context) for each in seen}
    newest = newest_date(list(videos.values()))
    candidates = sorted(
        (_to_candidate(each, videos[each.url], context, newest) for each in seen), key=lambda each: -each.score
    )
    usable = [each for each in candidates if each.spare]
    if not usable:
        return SourceMatch(None, tuple(candidates), _no_match_reason(candidates, phrases))
    best = usable[0]
    among = f"the best of {len(candidates)} videos found" if len(candidates) > 1 else "the one video found"
    reason = f"{best.name}: {best.reason}; {among}"
    return SourceMatch(best, tuple(candidates), reason)


def _to_candidate(seen: SeenVideo, video: Video, context: Context, newest: str) -> Candidate:
    name = to_one_line(str(seen.info.get("title") or seen.url))
    kind: Literal["captions", "media"] = "captions" if video.captions not in ("", "none") else "media"
    usable = seen.is_promising and seen.has_details
    if usable:
        score = rank_score(seen.match, video, parse_rules(context.settings), newest)
        reason = f"{seen.reason}, {'without captions' if kind == 'media' else f'captions {video.captions}'}"
    elif seen.is_promising:
        score, reason = MIN_SCORE - 0.1, f"{seen.reason}, not checked: better ones were found first"
    else:
        score = seen.match * REJECTED_SCORE if seen.objection else min(seen.match, MIN_SCORE - 0.1)
        reason = seen.objection or seen.reason
    channel = to_one_line(str(seen.info.get("channel") or seen.info.get("uploader") or ""))
    return Candidate(name, seen.url, kind, round(score, 2), reason, video, spare=usable, author=channel)


def _to_video(seen: SeenVideo, context: Context) -> Video:
    info = seen.info
    captions = best_captions(info, parse_language(str(context.settings["language"]))) if seen.has_details else None
    day = str(info.get("upload_date") or "")
    return Video(
        seconds=float(info["duration"]) if info.get("duration") is not None else None,
        licence=str(info.get("license") or ""),
        captions=str(captions) if captions else "none" if seen.has_details else "",
        language=str(info.get("language") or ""),
        views=int(info["view_count"]) if info.get("view_count") is not None else None,
        published=f"{day[:4]}-{day[4:6]}-{day[6:8]}" if len(day) == 8 and day.isdigit() else "",
    )


def _no_match_reason(candidates: Sequence[Candidate], phrases: int) -> str:
    if not candidates:
        return f"{phrases} searches found no video" if phrases > 1 else "the search found no video"
    near = ", ".join(f"{each.name} ({each.reason})" for each in candidates[:MAX_NAMED])
    several = len(candidates) > 1
    found = f"none of {len(candidates)} videos found fits" if several else "the one video found does not fit"
    return f"{found}; nearest: {near}"
