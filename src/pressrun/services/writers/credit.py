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
"""Per language; another one gets the English words."""
MAX_NAME = 300
"""Characters of a title or of a channel that are kept."""


def add_credit(script: Script, transcript: Transcript) -> Script:
    """`script` whose description names title, owner and address of the material, within its limit.

    Local files are not credited: their names are private.
    """
    if not (line := credit_line(transcript)) or transcript.source_url in script.description:
        return script
    return replace(script, description=fit_description(script.description, below=line))


def credit_line(transcript: Transcript) -> str:
    """The line, and below it the address; nothing where the material has no address that others can open.

    Title and owner are untrusted text, so web addresses in them are removed.
    """
    url = transcript.source_url
    if not url.startswith(("https://", "http://")) or any(map(str.isspace, url)):
        return ""
    label = LABELS.get(transcript.language, LABELS["en"])
    names = (remove_addresses(to_one_line(name)) for name in (transcript.source, transcript.source_author))
    named = ", ".join(truncate(name, MAX_NAME) for name in names if name)
    return f"{label}: {named}\n{url}" if named else f"{label}: {url}"
