"""Translate errors of yt-dlp into errors with a remedy.

yt-dlp reports most errors only as text, so the text is matched. HTTP statuses and connection errors are found among
the causes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pressrun.error_reports import error_text
from pressrun.errors import AuthenticationError, NetworkError, OutdatedLibraryError, PressrunError, SourceError
from pressrun.services.sources.youtube.host_guard import HostBlockedError

UPDATE_YTDLP = "Update yt-dlp (pip install -U yt-dlp) and run the same command again."
SIGN_IN = (
    "Export the cookies of a signed-in browser as cookies.txt, and set PRESSRUN_COOKIES_FILE to that file."
)
SLOW_DOWN = "Wait an hour and run the same command again; a smaller search_results sends fewer requests."
USE_A_PROXY = "Set PRESSRUN_PROXY to a proxy in a country where it is shown, or use another source."
CHOOSE_ANOTHER = "Run the same command with --from search to choose another."
CHECK_NETWORK = "Check the network, and run the same command again."


class _KnownError(NamedTuple):
    words: re.Pattern[str]
    kind: type[PressrunError]
    message: str
    remedy: str


def _known_error(words: str, kind: type[PressrunError], message: str, remedy: str) -> _KnownError:
    return _KnownError(re.compile(words, re.IGNORECASE), kind, message, remedy)


# Order matters: errors of one video come before patterns that would also match a block of the whole site.
_KNOWN_ERRORS = (
    _known_error(r"confirm your age|age.restricted|inappropriate for some users", SourceError,
           "the site shows it only to signed-in adults", SIGN_IN),
    _known_error(r"members.only|join this channel|requires payment|premium members|rented", SourceError,
           "the site shows it only to paying members", CHOOSE_ANOTHER),
    _known_error(r"private video|video is private|has been removed|been terminated|no longer available|account.*closed",
           SourceError, "it was removed or is private", CHOOSE_ANOTHER),
    _known_error(r"not a(vailable)? (in|from) your (country|location|region)|available in your country|geo.?restrict"
           r"|blocked it in your country", SourceError, "it is not shown in your country", USE_A_PROXY),
    _known_error(r"rate.?limited|too many requests|HTTP Error 429", NetworkError,
           "the site asks to slow down (HTTP 429)", SLOW_DOWN),
    _known_error(r"giving up after \d+ retries|bytes, expected|more expected", NetworkError,
           "the download was interrupted", CHECK_NETWORK),
    _known_error(r"sign in to confirm|not a bot|login.?required|\blog in\b|\bsign in\b|captcha", AuthenticationError,
           "the site asks to sign in first", SIGN_IN),
    _known_error(r"live event|premieres in|is offline|livestream", SourceError,
                 "it is live or has not started", CHOOSE_ANOTHER),
    _known_error(r"video unavailable|is not available|isn.t available|not exist|video is unavailable", SourceError,
           "it was removed or is private", CHOOSE_ANOTHER),
    _known_error(r"larger than \d+ MB", SourceError, "its audio is too large",
           "Choose shorter videos with longest_source, or block the channel with channels_blocked."),
    _known_error(r"report this issue|unable to extract|extraction failed|failed to extract|unsupported url"
           r"|requested format is not available|confirm you are on the latest version|no video formats",
           OutdatedLibraryError, "yt-dlp no longer understands the site", UPDATE_YTDLP),
)
_STATUS_ERRORS = {
    401: (AuthenticationError, "the site asks to sign in first (HTTP 401)", SIGN_IN),
    403: (SourceError, "the site denies access (HTTP 403)", f"{UPDATE_YTDLP} If that does not help: {SIGN_IN}"),
    404: (SourceError, "it was removed (HTTP 404)", CHOOSE_ANOTHER),
    407: (AuthenticationError, "the proxy asks for a password (HTTP 407)", "Add it to PRESSRUN_PROXY."),
    410: (SourceError, "it was removed (HTTP 410)", CHOOSE_ANOTHER),
    429: (NetworkError, "the site asks to slow down (HTTP 429)", SLOW_DOWN),
    451: (SourceError, "it is not shown in your country (HTTP 451)", USE_A_PROXY),
}
_PREFIX = re.compile(r"^(ERROR:\s*)?(\[[^\]]*\]\s*)?")
_ADVICE = re.compile(r"[;.]?\s*(please report this issue|Use --cookies|You might want to use a VPN|See {2}https).*")


def translate_error(error: BaseException) -> PressrunError:
    """Translate an error of yt-dlp; an unknown one keeps yt-dlp's text."""
    chain = list(_causes(error))
    if refused := next((each for each in chain if isinstance(each, HostBlockedError)), None):
        return SourceError(
            f"A video points to a blocked host: {refused}", remedy="Add the host to source_hosts if you trust it."
        )
    text = _PREFIX.sub("", error_text(error))
    status = next((code for each in chain if isinstance(code := getattr(each, "status", None), int)), None)
    for known in _KNOWN_ERRORS:
        # For a denied page the status is decisive; yt-dlp's text around it is generic advice.
        told_otherwise = known.kind is OutdatedLibraryError and (status is not None or _is_connection_error(chain))
        if known.words.search(text) and not told_otherwise:
            return known.kind(f"{_subject(text)}: {known.message}", remedy=known.remedy)
    if status is not None:
        return _status_error(status, _subject(text))
    if _is_connection_error(chain):
        return NetworkError(f"{_subject(text)}: the connection failed ({_reason(chain)})", remedy=CHECK_NETWORK)
    return SourceError(f"yt-dlp: {_ADVICE.sub('', text)[:300]}", remedy=UPDATE_YTDLP)


def _status_error(status: int, subject: str) -> PressrunError:
    if status >= 500:
        return NetworkError(f"{subject}: server error (HTTP {status})", remedy=CHECK_NETWORK)
    kind, message, remedy = _STATUS_ERRORS.get(status, (SourceError, f"the site returned HTTP {status}", UPDATE_YTDLP))
    return kind(f"{subject}: {message}", remedy=remedy)


def _subject(text: str) -> str:
    """Return the video ID that yt-dlp puts before its message, or an empty string."""
    found = re.match(r"([^\s:]{3,64}): ", text)
    return f"Video {found[1]}" if found else "The video site"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and its causes."""
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


def _is_connection_error(chain: list[BaseException]) -> bool:
    from yt_dlp.networking.exceptions import TransportError

    return any(isinstance(each, (TransportError, OSError)) for each in chain)


def _reason(chain: list[BaseException]) -> str:
    """Return the system's error message without the text that the libraries add."""
    of_system = [each for each in chain if isinstance(each, OSError)]
    if text := next((each.strerror for each in of_system if each.strerror), None):
        return text
    deepest = (of_system or chain)[-1]
    return error_text(deepest)[:120]
