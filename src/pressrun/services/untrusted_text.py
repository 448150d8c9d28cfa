"""Remove hidden characters, markup and addresses from untrusted text, e.g. video titles or the reply of a model."""

from __future__ import annotations

import re

from pressrun.services.languages import sentence_separator, split_sentences

_CONTROLS = dict.fromkeys(code for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r")
_DIRECTION_MARKS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Marks that change the direction of text. Marks that only join or separate letters stay: some scripts need them."""
HIDDEN: dict[int, str | None] = {**_CONTROLS, **_DIRECTION_MARKS, **dict.fromkeys(map(ord, "\v\f\x85"), " ")}
"""Table for `str.translate`; spaces and line breaks stay."""


def to_one_line(text: str) -> str:
    """Return `text` on one line, without control characters and direction marks."""
    return " ".join(text.translate(HIDDEN).split())


_ENDINGS = "com|org|net|io|biz|tv|ly|gg|xyz|info|app|dev|edu|gov|eu|uk|ru|onion"
"""Endings of hosts without a scheme and path; endings that are also words are not included."""
ADDRESS = re.compile(
    r"(?:\b(?:https?|ftp|file)\s?:\s?//|\b(?:javascript|mailto):|\bwww\.)\S+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    rf"|\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:{_ENDINGS})\b(?:[/?#]\S*)?"
    r"|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/\S+",
    re.IGNORECASE,
)
"""An address with a scheme, a web or mail address without one, or a host with a path."""


def remove_address_sentences(text: str, code: str) -> str:
    """Return `text` without the sentences that contain an address; line breaks stay."""
    if not ADDRESS.search(text):
        return text
    lines = []
    for line in text.split("\n"):
        kept = line
        if ADDRESS.search(line):
            # Some rules would split a sentence at the dots of an address, so it is replaced by a marker first.
            marked = ADDRESS.sub("\ue000", line)
            kept = sentence_separator(code).join(each for each in split_sentences(marked, code) if "\ue000" not in each)
        lines.append(kept)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def remove_addresses(text: str) -> str:
    """Return the `text` of a title or heading without addresses."""
    return " ".join(ADDRESS.sub(" ", text).split()).strip(" -–—:|,;(")


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
