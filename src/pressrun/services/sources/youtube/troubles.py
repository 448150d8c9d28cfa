"""What can go wrong with a video site, each with its own sentence and what to do about it.

yt-dlp tells most troubles in words alone, so words are what is looked for; the state of an answer over HTTP and errors
of the connection come with it as the cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pressrun.error_reports import error_text
from pressrun.errors import AuthenticationError, NetworkError, OutdatedLibraryError, PressrunError, SourceError
from pressrun.services.sources.youtube.fence import HostRefusedError

UPDATE = "Update yt-dlp (pip install -U yt-dlp) and run the same command again."
SIGN_IN = (
    "Export the cookies of a browser that is signed in as cookies.txt, and name the file in PRESSRUN_COOKIES_FILE."
)
SLOW_DOWN = "Wait an hour and run the same command again; a smaller search_results asks less."
FROM_ELSEWHERE = "Set PRESSRUN_PROXY to a proxy in a country where it is shown, or use another source."
ANOTHER = "Run the same command with --from search to choose another."
CONNECTION = "Look whether the network is there, and run the same command again."


class _Known(NamedTuple):
    words: re.Pattern[str]
    kind: type[PressrunError]
    says: str
    remedy: str


def _known(words: str, kind: type[PressrunError], says: str, remedy: str) -> _Known:
    return _Known(re.compile(words, re.IGNORECASE), kind, says, remedy)


# In this order: what is said of one video comes before what would also fit a wall in front of all of them.
_KNOWN = (
    _known(r"confirm your age|age.restricted|inappropriate for some users", SourceError,
           "the site shows it to signed-in adults alone", SIGN_IN),
    _known(r"members.only|join this channel|requires payment|premium members|rented", SourceError,
           "the site shows it to paying members alone", ANOTHER),
    _known(r"private video|video is private|has been removed|been terminated|no longer available|account.*closed",
           SourceError, "it was removed, or is private", ANOTHER),
    _known(r"not a(vailable)? (in|from) your (country|location|region)|available in your country|geo.?restrict"
           r"|blocked it in your country", SourceError, "it is not shown in your country", FROM_ELSEWHERE),
    _known(r"rate.?limited|too many requests|HTTP Error 429", NetworkError,
           "the site asks to slow down (HTTP 429)", SLOW_DOWN),
    _known(r"giving up after \d+ retries|bytes, expected|more expected", NetworkError,
           "the download broke off", CONNECTION),
    _known(r"sign in to confirm|not a bot|login.?required|\blog in\b|\bsign in\b|captcha", AuthenticationError,
           "the site asks to sign in first", SIGN_IN),
    _known(r"live event|premieres in|is offline|livestream", SourceError, "it is live, or has not begun", ANOTHER),
    _known(r"video unavailable|is not available|isn.t available|not exist|video is unavailable", SourceError,
           "it was removed, or is private", ANOTHER),
    _known(r"larger than \d+ MB", SourceError, "its sound is too large",
           "Choose shorter videos with longest_source, or block the channel with channels_blocked."),
    _known(r"report this issue|unable to extract|extraction failed|failed to extract|unsupported url"
           r"|requested format is not available|confirm you are on the latest version|no video formats",
           OutdatedLibraryError, "yt-dlp no longer understands the site", UPDATE),
)
_STATUS = {
    401: (AuthenticationError, "the site asks to sign in first (HTTP 401)", SIGN_IN),
    403: (SourceError, "the site refuses it (HTTP 403)", f"{UPDATE} If that does not help: {SIGN_IN}"),
    404: (SourceError, "it was removed (HTTP 404)", ANOTHER),
    407: (AuthenticationError, "the proxy asks for a password (HTTP 407)", "Put it into PRESSRUN_PROXY."),
    410: (SourceError, "it was removed (HTTP 410)", ANOTHER),
    429: (NetworkError, "the site asks to slow down (HTTP 429)", SLOW_DOWN),
    451: (SourceError, "it is not shown in your country (HTTP 451)", FROM_ELSEWHERE),
}
_PREFIX = re.compile(r"^(ERROR:\s*)?(\[[^\]]*\]\s*)?")
_ADVICE = re.compile(r"[;.]?\s*(please report this issue|Use --cookies|You might want to use a VPN|See {2}https).*")


def as_pressrun_error(error: BaseException) -> PressrunError:
    """The error of ours that an error of yt-dlp means; one that fits none says what yt-dlp said."""
    chain = list(_chain(error))
    if refused := next((each for each in chain if isinstance(each, HostRefusedError)), None):
        return SourceError(
            f"A video leads elsewhere: {refused}", remedy="Add the host to source_hosts if you trust it."
        )
    said = _PREFIX.sub("", " ".join(str(error).split()))
    status = next((code for each in chain if isinstance(code := getattr(each, "status", None), int)), None)
    for known in _KNOWN:
        # A refused page is told by its state; the words of yt-dlp around it advise on everything.
        told_otherwise = known.kind is OutdatedLibraryError and (status is not None or _is_of_connection(chain))
        if known.words.search(said) and not told_otherwise:
            return known.kind(f"{_subject(said)}: {known.says}", remedy=known.remedy)
    if status is not None:
        return _of_status(status, _subject(said))
    if _is_of_connection(chain):
        return NetworkError(f"{_subject(said)}: the connection failed ({_reason(chain)})", remedy=CONNECTION)
    return SourceError(f"yt-dlp: {_ADVICE.sub('', said)[:300]}", remedy=UPDATE)


def _of_status(status: int, subject: str) -> PressrunError:
    if status >= 500:
        return NetworkError(f"{subject}: the site fails (HTTP {status})", remedy=CONNECTION)
    kind, says, remedy = _STATUS.get(status, (SourceError, f"the site answers with HTTP {status}", UPDATE))
    return kind(f"{subject}: {says}", remedy=remedy)


def _subject(said: str) -> str:
    """The id that yt-dlp puts before its words, where it does."""
    found = re.match(r"([^\s:]{3,64}): ", said)
    return f"Video {found[1]}" if found else "The video site"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        before = (getattr(each, "exc_info", None) or (None, None))[1]
        told = (getattr(each, name, None) for name in ("cause", "reason"))
        waiting += [before, *told, each.__cause__, each.__context__]


def _is_of_connection(chain: list[BaseException]) -> bool:
    from yt_dlp.networking.exceptions import TransportError

    return any(isinstance(each, (TransportError, OSError)) for each in chain)


def _reason(chain: list[BaseException]) -> str:
    """What the system said was wrong, without what the libraries put around it."""
    of_system = [each for each in chain if isinstance(each, OSError)]
    if said := next((each.strerror for each in of_system if each.strerror), None):
        return said
    deepest = (of_system or chain)[-1]
    return error_text(deepest)[:120]
