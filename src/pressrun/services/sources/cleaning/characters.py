"""Replace characters that are invisible or stand for several letters, and remove emoji."""

from __future__ import annotations

import re

from pressrun.services.sources.cleaning.left_out import Tally

_REPLACED = {
    **dict.fromkeys((0x200B, 0x2060, 0xFEFF, 0x00AD, 0x200E, 0x200F, 0x061C), ""),
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xFFF9, 0xFFFC)), ""),
    **dict.fromkeys((0x00A0, 0x202F, 0x2007, 0x2009, 0x200A, 0x2002, 0x2003), " "),
    0x2028: "\n",
    0x2029: "\n\n",
    0x0B: "\n",
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
_SPECIAL = re.compile(f"[{''.join(map(chr, _REPLACED))}]")
# Marks that people use as bullets (2713, 2714, 2794 …), and signs with a name that is said (degree, arrows, ♯), stay.
_SIGN = (
    "[\U0001f000-\U0001f0ff\U0001f18e-\U0001f1ff\U0001f201-\U0001f265\U0001f300-\U0001faff"
    "\u231a\u231b\u23e9-\u23fa\u2600-\u263f\u2646-\u265f\u2668-\u266c\u2670-\u2712\u2715-\u2720\u2728-\u2757\u2763-\u2793\u27b0"
    "\u27bf\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299]"
)
_EMOJI = re.compile(rf"(?:{_SIGN}[\ufe0e\ufe0f\u20e3]?(?:\u200d(?:{_SIGN}|[♀♂])\ufe0f?)*|[\d#*]\ufe0f\u20e3|\ufe0f)+")
_TASK_DATE = re.compile(r"[ \t]*[📅⏳🛫➕✅❌🔁⏰]\ufe0f?[ \t]*\d{4}-\d\d-\d\d")
_SIGNS = re.compile(f"{_SIGN}|\ufe0f")
_ASCII = bytes(range(128))
_SOFT_HYPHEN_AT_END = re.compile("\u00ad[ \\t]*\\n[ \\t]*")
_BULLET = re.compile(rf"^([ \t]*)(?:[☐☑☒✅✔❌➕⬜]|{_EMOJI.pattern})[ \t]*(?=\S)", re.MULTILINE)


_EMOJI_WITH_SPACE = re.compile(rf"[ \t]*{_EMOJI.pattern}(?=[ \t]*$|[.,;:!?…)])|{_EMOJI.pattern}[ \t]*", re.MULTILINE)


def other_characters(text: str) -> str:
    """Return the characters of a text that are not ASCII, each once. Much quicker than a search for any of many."""
    if text.isascii():
        return ""
    rest = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
    return "".join(set(rest.decode("utf-8", "surrogatepass")))


def normalize_characters(text: str, others: str | None = None) -> str:
    """Return the text with plain spaces and letters, without characters that nobody sees."""
    if not _SPECIAL.search(other_characters(text) if others is None else others):
        return text
    if "\u00ad" in text:
        text = _SOFT_HYPHEN_AT_END.sub("", text)
    return _SPECIAL.sub(lambda found: _REPLACED[ord(found[0])], text)


def remove_emoji(text: str, tally: Tally, others: str | None = None) -> str:
    """Return the text without emoji. One at the beginning of several lines becomes the mark of a list."""
    if not _SIGNS.search(other_characters(text) if others is None else others):
        return text
    text, dates = _TASK_DATE.subn("", text)
    if len(_BULLET.findall(text)) >= 2:
        text = _BULLET.sub(r"\1• ", text)
    text, count = _EMOJI_WITH_SPACE.subn("", text)
    tally.add("emoji", count + dates)
    return text
