"""Letters that a text spells as HTML does: `&amp;`, `&#8212;`."""

from __future__ import annotations

import html
import re

_BEYOND_UNICODE = re.compile(r"&#(?:\d{8,}|[xX][0-9a-fA-F]{7,});?")
"""Numbers that name no letter (U+10FFFF has seven digits). Python refuses to read one of more than 4300 digits."""


def decode_entities(text: str) -> str:
    """`text` with the letters themselves; what names none becomes U+FFFD, as in a browser."""
    return html.unescape(_BEYOND_UNICODE.sub("\ufffd", text))
