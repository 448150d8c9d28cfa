"""Verify webhooks, as Standard Webhooks describes it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping

from pressrun_client.errors import SignatureError
from pressrun_client.models import WebhookEvent

TOLERANCE = 300
"""Seconds that the time of a webhook may differ from yours."""


def verify_webhook(
    body: bytes | str, headers: Mapping[str, str], secret: str, *, tolerance: float = TOLERANCE
) -> WebhookEvent:
    """Return the event of a webhook that your server sent.

    Pass the body exactly as it was received. `secret` starts with `whsec_`; after a rotation both secrets are valid
    for a while, so the signatures of either are accepted. The same event may arrive twice: `headers["webhook-id"]`
    tells. Raises `SignatureError`.
    """
    content = body.encode() if isinstance(body, str) else body
    found = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, sent = found["webhook-id"], found["webhook-timestamp"]
        signatures = found["webhook-signature"].split()
    except KeyError as error:
        raise SignatureError(f"The request has no header {error.args[0]}", "Pass all headers of the request") from None
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise SignatureError("The secret is not one of Pressrun's", "Pass the text that starts with whsec_") from None
    signed = f"{message_id}.{sent}.".encode() + content
    expected = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    if not any(hmac.compare_digest(each.encode(), expected) for each in signatures):
        raise SignatureError("The signature does not match", "Pass the body as it was received, and check the secret")
    if not sent.isdigit() or abs(time.time() - int(sent)) > tolerance:
        raise SignatureError("The webhook is too old or from the future", "Check the clock of this machine")
    return WebhookEvent(json.loads(content))
