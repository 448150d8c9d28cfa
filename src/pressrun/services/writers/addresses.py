"""Remove web and mail addresses from untrusted text, so that none is spoken or published."""

from __future__ import annotations

import re

from pressrun.services.languages import sentence_separator, split_sentences

_ENDINGS = "com|org|net|io|biz|tv|ly|gg|xyz|info|app|dev|edu|gov|eu|uk|ru|onion"
"""Of hosts that are named without a scheme and without a path; endings that are words too are not among them."""
ADDRESS = re.compile(
    r"(?:\b(?:https?|ftp|file)\s?:\s?//|\b(?:javascript|mailto):|\bwww\.)\S+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    rf"|\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:{_ENDINGS})\b(?:[/?#]\S*)?"
    r"|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/\S+",
    re.IGNORECASE,
)
"""An address with its scheme, one of the web or of mail without, and a name of a host with a path."""


def remove_address_sentences(text: str, code: str) -> str:
    """`text` without the sentences that hold an address; line breaks stay."""
    if not ADDRESS.search(text):
        return text
    lines = []
    for line in text.split("\n"):
        kept = line
        if ADDRESS.search(line):
            # A sentence ends at the dot before a blank, so the dots of an address would not part it; some rules do.
            marked = ADDRESS.sub("\ue000", line)
            kept = sentence_separator(code).join(each for each in split_sentences(marked, code) if "\ue000" not in each)
        lines.append(kept)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def remove_addresses(text: str) -> str:
    """`text` of a title or a heading, of which only the address goes."""
    return " ".join(ADDRESS.sub(" ", text).split()).strip(" -–—:|,;(")
