"""Remove what models write but cannot be spoken or shown: markup, emoji and invisible characters."""

from __future__ import annotations

import re

_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_UNSPEAKABLE = re.compile(
    r"[*`\u2600-\u27bf\ufe0f\ufeff\U0001f000-\U0001faff\u202a-\u202e\u2066-\u2069\u200b\x00-\x08\x0b-\x1f\x7f-\x9f"
    r"\ud800-\udfff\U000e0000-\U000e007f]+|(?<!\w)__?(?=\w)|(?<=\w)__?(?!\w)"
)
"""Bold, italics and code; emoji and dingbats; direction marks; control characters.

Joiners stay: the letters of Persian, Hindi and others need them.
"""


def strip_markup(text: str) -> str:
    """Return only the letters and punctuation of `text`; keep line breaks."""
    plain = _LINK.sub(r"\1", _HEADING.sub("", text))
    return re.sub(r"[ \t]{2,}", " ", _UNSPEAKABLE.sub("", plain))
