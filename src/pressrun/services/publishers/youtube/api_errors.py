"""What YouTube says no with, as an error of ours with its remedy.

The reasons are those that the reference of the YouTube Data API lists under "Errors".
"""

from __future__ import annotations

import json
from typing import Any

from pressrun import redaction
from pressrun.errors import AuthenticationError, NetworkError, PressrunError, PublishError, QuotaExceededError

TRANSIENT_STATUSES = {408, 429, 500, 502, 503, 504}
TRANSIENT_REASONS = {"rateLimitExceeded", "userRateLimitExceeded", "backendError", "internalError"}
QUOTA_REASONS = {"quotaExceeded", "dailyLimitExceeded"}
UPLOAD_LIMIT_REASONS = {"uploadLimitExceeded", "uploadRateLimitExceeded"}
NOT_ALLOWED = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
SWITCHED_OFF = {"accessNotConfigured", "SERVICE_DISABLED"}


def reason_of(content: bytes) -> tuple[str, str]:
    """The reason and the message of a refusal; empty where the reply is not in the form of Google's."""
    try:
        error = json.loads(content.decode("utf-8"))["error"]
    except (ValueError, KeyError, TypeError):
        return "", ""
    if not isinstance(error, dict):
        return str(error), ""
    return _first_reason(error), " ".join(str(error.get("message", "")).split())


def _first_reason(error: dict[str, Any]) -> str:
    for each in (*_listed(error.get("errors")), *_listed(error.get("details"))):
        if isinstance(each, dict) and each.get("reason"):
            return str(each["reason"])
    return str(error.get("status", ""))


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def is_transient(status: int, content: bytes) -> bool:
    """Whether the same request can succeed a little later. What is no refusal and no answer came from in between."""
    return status < 400 or status in TRANSIENT_STATUSES or status > 504 or reason_of(content)[0] in TRANSIENT_REASONS


def api_error(status: int, content: bytes, what: str) -> PressrunError:
    """The error for a reply; `what` completes the sentence "YouTube did not"."""
    reason, message = reason_of(content)
    said = redaction.redact(message)[:300] or f"HTTP {status}"
    if is_transient(status, content):
        return NetworkError(f"YouTube did not {what}: {said}", remedy="Run the same command again later.")
    if reason in QUOTA_REASONS:
        return QuotaExceededError(
            f"YouTube did not {what}: the quota of your project is spent for today",
            remedy="Run the same command tomorrow: quotas are renewed at midnight Pacific time.",
        )
    if reason in UPLOAD_LIMIT_REASONS:
        return QuotaExceededError(
            f"YouTube did not {what}: the channel may not upload more videos today",
            remedy="Run the same command tomorrow, or choose another account with: pressrun auth youtube",
        )
    if reason == "youtubeSignupRequired":
        return PublishError(
            f"YouTube did not {what}: the account has no channel",
            remedy="Make a channel on youtube.com, or choose another account with: pressrun auth youtube",
        )
    if status == 401 or reason in NOT_ALLOWED:
        why = "the token does not allow it" if reason in NOT_ALLOWED else "the token was not accepted"
        return AuthenticationError(f"YouTube did not {what}: {why}", remedy="Run: pressrun auth youtube")
    if reason in SWITCHED_OFF:
        return PublishError(
            f"YouTube did not {what}: the YouTube Data API is not switched on in your project",
            remedy="Switch it on in Google's console, wait some minutes, and run the same command again.",
        )
    named = f" ({reason})" if reason and reason not in said else ""
    return PublishError(
        f"YouTube did not {what}: {said}{named}", remedy="Mend what it says, and run the same command again."
    )
