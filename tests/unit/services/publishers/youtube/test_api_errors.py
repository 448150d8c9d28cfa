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
        (401, "youtubeSignupRequired", PublishError, "Make a channel"),
        (403, "accessNotConfigured", PublishError, "console"),
        (403, "forbidden", PublishError, "Mend"),
        (400, "invalidTitle", PublishError, "Mend"),
        (403, "rateLimitExceeded", NetworkError, "later"),
        (429, "", NetworkError, "later"),
        (500, "backendError", NetworkError, "later"),
        (503, "", NetworkError, "later"),
    ],
)
def test_every_refusal_has_its_class_and_its_remedy(
    status: int, reason: str, kind: type[PressrunError], remedy: str
) -> None:
    error = api_error(status, content(reason), "take the video")
    assert type(error) is kind
    assert error.message.startswith("YouTube did not take the video: ")
    assert remedy in error.remedy
    assert error.retryable == (kind is NetworkError)


def test_an_unknown_reason_is_shown_with_its_message() -> None:
    assert str(api_error(400, content("invalidTags"), "take the video")).endswith("Said the server. (invalidTags)")


def test_newer_forms_of_refusals_are_read_too() -> None:
    details = {"error": {"status": "PERMISSION_DENIED", "message": "No.", "details": [
        {"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}
    assert isinstance(api_error(403, json.dumps(details).encode(), "take the video"), AuthenticationError)


@pytest.mark.parametrize("reply", [b"", b"<html>", b'{"error": "no"}', b"[]", b'{"error": {"errors": "x"}}', b"\xff"])
def test_a_reply_in_no_known_form_is_still_an_error_of_ours(reply: bytes) -> None:
    assert isinstance(api_error(404, reply, "take the video"), PublishError)
    assert isinstance(api_error(502, reply, "take the video"), NetworkError)
