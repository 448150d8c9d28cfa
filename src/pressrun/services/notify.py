"""Send a notification at the end of a batch through apprise, which supports about a hundred services.

An address often contains a password or a token, so it counts as a secret.
"""

from __future__ import annotations

import logging
import socket
import threading
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from pressrun import redaction
from pressrun.errors import ServiceUnavailableError, UsageError

if TYPE_CHECKING:
    import apprise

Kind = Literal["success", "failure", "warning"]
SEND_TIMEOUT = 30.0
"""Timeout of a server, in seconds: a finished batch waits no longer for its message."""
SHUTDOWN_TIMEOUT = 2.0
"""Timeout in seconds while the program is being stopped."""
ADDRESS_HINT = "Use https://host/path or an apprise URL, e.g. ntfy://topic or mailto://user:password@host."


def find_address(given: str | None) -> str | None:
    """Return where to send messages: `url`, else `PRESSRUN_NOTIFY` or the content of the file in
    `PRESSRUN_NOTIFY_FILE`.

    The URL is redacted from all texts from now on. Raises `UsageError` if apprise does not know it,
    `ServiceUnavailableError` if apprise is not installed, and `SettingsError` if the file cannot be read.
    """
    found = redaction.find_secret("notify")
    url = (given or (found.reveal() if found else "")).strip()
    if not url:
        return None
    _register_secrets(url)
    _open_target(url)
    return url


def send_message(url: str, title: str, body: str, kind: Kind, *, hurry: bool = False) -> str:
    """Send one message. Return the error without secrets, or an empty string; never raises."""
    troubles: list[str] = []

    def work() -> None:
        try:
            troubles.extend(_send(url, title, body, kind))
        except Exception as error:
            troubles.append(f"{type(error).__name__}: {error}")

    # In a thread, because a DNS lookup cannot be given a timeout.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(SHUTDOWN_TIMEOUT if hurry else SEND_TIMEOUT)
    if thread.is_alive():
        return f"no answer within {SHUTDOWN_TIMEOUT if hurry else SEND_TIMEOUT:.0f} s"
    return redaction.redact(" ".join("; ".join(troubles).split()))


def _send(url: str, title: str, body: str, kind: Kind) -> list[str]:
    import apprise

    heard = _WarningCollector()
    log = logging.getLogger("apprise")
    log.addHandler(heard)
    before, log.propagate = log.propagate, False
    try:
        notify_type = apprise.NotifyType(kind)
        sent = _open_target(url).notify(
            body=body, title=title, notify_type=notify_type, body_format=apprise.NotifyFormat.TEXT
        )
    finally:
        log.removeHandler(heard)
        log.propagate = before
    return [] if sent else heard.sentences or ["the service did not accept it"]


class _WarningCollector(logging.Handler):
    """Collect the warnings of apprise as sentences without a full stop."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.sentences: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.sentences.append(record.getMessage().strip().rstrip("."))


def _open_target(url: str) -> apprise.Apprise:
    try:
        import apprise
    except ImportError as error:
        raise ServiceUnavailableError(
            "Notifications need the library apprise, which is not installed",
            remedy="Install it: pip install 'pressrun[notify]'. Or remove --notify and unset PRESSRUN_NOTIFY.",
        ) from error
    receiver = apprise.Apprise()
    log = logging.getLogger("apprise")
    before, log.disabled = log.disabled, True
    try:
        known = any(receiver.add(form) for form in _url_variants(url))
    finally:
        log.disabled = before
    if not known:
        scheme = url.partition(":")[0][:20]
        raise UsageError(f"Unknown notification address {scheme}:...", remedy=ADDRESS_HINT)
    return receiver


def _url_variants(url: str) -> tuple[str, ...]:
    """Return `url` in the first form that apprise knows.

    Apprise knows https addresses of some services; any other https address receives the message as JSON.
    """
    if not url.lower().startswith(("http://", "https://")):
        return (_complete_mailto(url),)
    try:
        parts = urlsplit(url)
    except ValueError:
        return (url,)
    # Without the minus, apprise would consume the query parameters.
    pairs = [(f"-{name}", value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    scheme = "jsons" if parts.scheme == "https" else "json"
    return url, urlunsplit((scheme, parts.netloc, parts.path, urlencode(pairs, quote_via=quote), ""))


def _complete_mailto(url: str) -> str:
    """Complete a plain `mailto:ann@example.org`, as used in browsers: it goes through the mail server of this machine.
    """
    if not url.startswith("mailto:") or url.startswith("mailto://"):
        return url
    to = unquote(url.removeprefix("mailto:").partition("?")[0])
    if not to.strip():
        return url  # apprise rejects this; without a recipient it would write to root
    host = socket.gethostname() or "localhost"
    return f"mailto://localhost:25?mode=insecure&to={quote(to)}&from={quote(f'pressrun@{host}')}"


def _register_secrets(url: str) -> None:
    """Register the URL and those parts of it that grant access on their own: libraries may log them separately."""
    redaction.register(url)
    try:
        parts = urlsplit(url)
        redaction.register(unquote(parts.password or ""), parts.password or "")
    except ValueError:
        return
    words = {*parts.path.split("/"), parts.username or "", parts.netloc.rpartition("@")[2]}
    redaction.register(*(word for word in words if _looks_like_a_token(word)))


def _looks_like_a_token(word: str) -> bool:
    """Return whether a word has letters and digits. Hosts have dots, and words without digits are too common to redact.
    """
    return "." not in word and ":" not in word and any(map(str.isdigit, word)) and any(map(str.isalpha, word))
