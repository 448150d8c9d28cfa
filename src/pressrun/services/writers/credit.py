"""Whose material a script is made of, said in the description of the video."""

from __future__ import annotations

from dataclasses import replace

from pressrun.model.script import Script, Transcript
from pressrun.services.foreign_text import one_line
from pressrun.services.writers.addresses import label_without_addresses
from pressrun.services.writers.limits import cut, fitting_description

LABELS = {
    "en": "Made from", "de": "Grundlage", "fr": "D’après", "es": "A partir de", "it": "Basato su", "pt": "A partir de",
    "nl": "Gemaakt naar", "ru": "По материалам", "ar": "المصدر", "ja": "出典", "zh": "来源",
}
"""Per language; another one gets the English words."""
LONGEST_NAME = 300
"""Characters of a title or of a channel that are kept."""


def credited(script: Script, transcript: Transcript) -> Script:
    """`script` whose description names title, owner and address of the material, within its limit.

    Of a file of the user nothing is named: its name is nobody's business.
    """
    if not (line := credit(transcript)) or transcript.source_url in script.description:
        return script
    return replace(script, description=fitting_description(script.description, below=line))


def credit(transcript: Transcript) -> str:
    """The line, and below it the address; nothing where the material has no address that others can open.

    Title and owner are words of strangers: no address of theirs comes to stand in a description of ours.
    """
    url = transcript.source_url
    if not url.startswith(("https://", "http://")) or any(map(str.isspace, url)):
        return ""
    label = LABELS.get(transcript.language, LABELS["en"])
    names = (label_without_addresses(one_line(name)) for name in (transcript.source, transcript.source_author))
    named = ", ".join(cut(name, LONGEST_NAME) for name in names if name)
    return f"{label}: {named}\n{url}" if named else f"{label}: {url}"
