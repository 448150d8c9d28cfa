"""Translate error replies of YouTube into errors with a remedy.

The reasons are those listed under "Errors" in the reference of the YouTube Data API.
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
PERMISSION_REASONS = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
API_DISABLED_REASONS = {"accessNotConfigured", "SERVICE_DISABLED"}


def reason_of(content: bytes) -> tuple[str, str]:
    """Return the reason and message of an error reply, or empty strings if it is not in Google's format."""
    try:
        error = json.loads(content.decode("utf-8"))["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
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
    """Return whether the same request may succeed later: the error came from a server or proxy in between."""
    return status < 400 or status in TRANSIENT_STATUSES or status > 504 or reason_of(content)[0] in TRANSIENT_REASONS


def api_error(status: int, content: bytes, what: str) -> PressrunError:
    """Return the error for a reply; `what` completes the sentence "YouTube did not"."""
    reason, message = reason_of(content)
    detail = redaction.redact(message)[:300] or f"HTTP {status}"
    if is_transient(status, content):
        return NetworkError(f"YouTube did not {what}: {detail}", remedy="Run the same command again later.")
    if reason in QUOTA_REASONS:
        return QuotaExceededError(
            f"YouTube did not {what}: the daily quota of your project is used up",
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
            remedy="Create a channel on youtube.com, or choose another account with: pressrun auth youtube",
        )
    if status == 401 or reason in PERMISSION_REASONS:
        why = "the token lacks the permission" if reason in PERMISSION_REASONS else "the token was not accepted"
        return AuthenticationError(f"YouTube did not {what}: {why}", remedy="Run: pressrun auth youtube")
    if reason in API_DISABLED_REASONS:
        return PublishError(
            f"YouTube did not {what}: the YouTube Data API is not enabled in your project",
            remedy="Enable it in Google's console, wait a few minutes, and run the same command again.",
        )
    named = f" ({reason})" if reason and reason not in detail else ""
    return PublishError(
        f"YouTube did not {what}: {detail}{named}", remedy="Fix the reported problem, and run the same command again."
    )
