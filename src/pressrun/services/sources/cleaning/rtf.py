"""RTF as plain text."""

from __future__ import annotations

import re


def rtf_text(text: str) -> str:
    """Return the text of an RTF file with an empty line between its paragraphs, without notes, headers and pictures."""
    from striprtf.striprtf import rtf_to_text

    plain = str(rtf_to_text(text, errors="ignore"))  # type: ignore[no-untyped-call]
    return re.sub(r"\n+", "\n\n", plain)
