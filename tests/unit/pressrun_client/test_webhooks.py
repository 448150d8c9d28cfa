from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import pytest

from pressrun_client import BulkJobsClient, SignatureError, verify_webhook

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two characters").decode()
BODY = json.dumps({"event": "bulk_job.completed", "job_id": "bj_1", "state": "completed"})


def headers(body: str = BODY, secret: str = SECRET, sent: int | None = None) -> dict[str, str]:
    """Sign as Standard Webhooks describes."""
    stamp = str(int(time.time()) if sent is None else sent)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"msg_1.{stamp}.{body}".encode(), hashlib.sha256).digest()
    return {
        "Webhook-Id": "msg_1", "webhook-timestamp": stamp,
        "webhook-signature": f"v1a,other v1,{base64.b64encode(digest).decode()}",
    }


def test_a_signed_body_is_an_event() -> None:
    for body in (BODY, BODY.encode()):
        event = verify_webhook(body, headers(), SECRET)
        assert (event.event, event["job_id"]) == ("bulk_job.completed", "bj_1")
    assert BulkJobsClient.verify_webhook(BODY, headers(), SECRET) == event


@pytest.mark.parametrize(
    ("body", "signed", "secret", "message"),
    [
        (BODY + " ", headers(), SECRET, "signature does not match"),
        (BODY, headers(), "whsec_" + base64.b64encode(b"another").decode(), "signature does not match"),
        (BODY, headers(sent=1_000_000), SECRET, "too old"),
        (BODY, headers(sent=99_999_999_999), SECRET, "from the future"),
        (BODY, {}, SECRET, "no header webhook-id"),
        (BODY, headers(), "whsec_!", "not one of Pressrun's"),
        (BODY, headers() | {"webhook-signature": "v1,ü"}, SECRET, "signature does not match"),
    ],
)
def test_anything_else_is_rejected(body: str, signed: dict[str, str], secret: str, message: str) -> None:
    with pytest.raises(SignatureError, match=message):
        verify_webhook(body, signed, secret)
