from __future__ import annotations

import json

import pytest

from pressrun.errors import (
    AuthenticationError,
    NetworkError,
    PressrunError,
    PublishError,
    QuotaExceededError,
)
from pressrun.services.publishers.youtube.api_errors import api_error


def content(reason: str, message: str = "Said the server.") -> bytes:
    return json.dumps({"error": {"message": message, "errors": [{"reason": reason}]}}).encode()


@pytest.mark.parametrize(
    ("status", "reason", "kind", "remedy"),
    [
        (403, "quotaExceeded", QuotaExceededError, "tomorrow"),
        (400, "uploadLimitExceeded", QuotaExceededError, "another account"),
        (401, "authError", AuthenticationError, "pressrun auth youtube"),
        (403, "insufficientPermissions", AuthenticationError, "pressrun auth youtube"),
        (401, "youtubeSignupRequired", PublishError, "Create a channel"),
        (403, "accessNotConfigured", PublishError, "console"),
        (403, "forbidden", PublishError, "Fix the reported problem"),
        (400, "invalidTitle", PublishError, "Fix the reported problem"),
        (403, "rateLimitExceeded", NetworkError, "later"),
        (429, "", NetworkError, "later"),
        (500, "backendError", NetworkError, "later"),
        (503, "", NetworkError, "later"),
    ],
)
def test_every_refusal_has_its_class_and_its_remedy(
    status: int, reason: str, kind: type[PressrunError], remedy: str
) -> None:
    error = api_error(status, content(reason), "accept the video")
    assert type(error) is kind
    assert error.message.startswith("YouTube did not accept the video: ")
    assert remedy in error.remedy
    assert error.retryable == (kind is NetworkError)


def test_an_unknown_reason_is_shown_with_its_message() -> None:
    assert str(api_error(400, content("invalidTags"), "accept the video")).endswith("Said the server. (invalidTags)")


def test_newer_forms_of_refusals_are_read_too() -> None:
    details = {"error": {"status": "PERMISSION_DENIED", "message": "No.", "details": [
        {"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}
    assert isinstance(api_error(403, json.dumps(details).encode(), "accept the video"), AuthenticationError)


@pytest.mark.parametrize("reply", [b"", b"<html>", b'{"error": "no"}', b"[]", b'{"error": {"errors": "x"}}', b"\xff"])
def test_a_reply_in_no_known_form_is_still_an_error_of_ours(reply: bytes) -> None:
    assert isinstance(api_error(404, reply, "accept the video"), PublishError)
    assert isinstance(api_error(502, reply, "accept the video"), NetworkError)
