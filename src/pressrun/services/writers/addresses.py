"""Remove web and mail addresses from untrusted text, so that none is spoken or published."""

from __future__ import annotations

import re

from pressrun.services.languages import sentence_separator, split_sentences

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
