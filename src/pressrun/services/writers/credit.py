"""Credit the source material in the description of the video."""

from __future__ import annotations

from dataclasses import replace

from pressrun.model.script import Script, Transcript
from pressrun.services.foreign_text import to_one_line
from pressrun.services.writers.addresses import remove_addresses
from pressrun.services.writers.limits import fit_description, truncate

LABELS = {
    "en": "Made from", "de": "Grundlage", "fr": "D’après", "es": "A partir de", "it": "Basato su", "pt": "A partir de",
    "nl": "Gemaakt naar", "ru": "По материалам", "ar": "المصدر", "ja": "出典", "zh": "来源",
}
"""Label per language; other languages use English."""
MAX_NAME = 300
"""Maximum characters of a title or channel name."""


def add_credit(script: Script, transcript: Transcript) -> Script:
    """Return `script` with title, owner and address of the material in its description, within the limit.

    Local files are not credited: their names are private.
    """
    if not (line := credit_line(transcript)) or transcript.source_url in script.description:
        return script
    return replace(script, description=fit_description(script.description, below=line))


def credit_line(transcript: Transcript) -> str:
    """Return the credit line, followed by the address; empty if the material has no public address.

    Title and owner are untrusted text, so web addresses in them are removed.
    """
    url = transcript.source_url
    if not url.startswith(("https://", "http://")) or any(map(str.isspace, url)):
        return ""
    label = LABELS.get(transcript.language, LABELS["en"])
    names = (remove_addresses(to_one_line(name)) for name in (transcript.source, transcript.source_author))
    named = ", ".join(truncate(name, MAX_NAME) for name in names if name)
    return f"{label}: {named}\n{url}" if named else f"{label}: {url}"
