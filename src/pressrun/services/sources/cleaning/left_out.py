"""Count what cleaning leaves out of a source, by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

NAMES: dict[str, tuple[str, str]] = {
    "reference_marks": ("reference mark", "reference marks"),
    "footnotes": ("footnote", "footnotes"),
    "page_marks": ("page number", "page numbers"),
    "illustrations": ("illustration", "illustrations"),
    "contents": ("table of contents", "tables of contents"),
    "indexes": ("index or list of works", "indexes and lists of works"),
    "headings": ("chapter heading", "chapter headings"),
    "title_pages": ("line of a title page", "lines of a title page"),
    "endings": ("closing line", "closing lines"),
    "notes_of_producers": ("producer's note", "producer's notes"),
    "licences": ("licence text", "licence texts"),
    "locations": ("location line", "location lines"),
    "front_matter": ("metadata block", "metadata blocks"),
    "markup": ("piece of markup", "pieces of markup"),
    "addresses": ("web address", "web addresses"),
    "comments": ("comment", "comments"),
    "tables": ("table", "tables"),
    "formulas": ("formula", "formulas"),
    "code": ("code block", "code blocks"),
    "sounds": ("sound or stage direction", "sounds and stage directions"),
    "speakers": ("speaker label", "speaker labels"),
    "times": ("timestamp", "timestamps"),
    "cue_names": ("cue identifier", "cue identifiers"),
    "emoji": ("emoji", "emoji"),
    "list_markers": ("list marker", "list markers"),
}
"""Kind -> its name for one and for several."""


@dataclass(frozen=True)
class LeftOut:
    """How many pieces of each kind were left out; kinds without any are absent."""

    counts: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.counts)

    def __str__(self) -> str:
        """Return e.g. "left out: 14 reference marks, 3 illustrations"; an empty string if nothing was."""
        return describe_left_out(self.counts)


def describe_left_out(counts: Mapping[str, int]) -> str:
    """Return e.g. "left out: 14 reference marks, 3 illustrations"; an empty string if nothing was left out."""
    known = sorted(((kind, count) for kind, count in counts.items() if kind in NAMES), key=lambda each: -each[1])
    parts = [f"{count:,} {NAMES[kind][count > 1]}" for kind, count in known]
    return f"left out: {', '.join(parts)}" if parts else ""


class Tally:
    """Counts while a text is cleaned."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, kind: str, count: int = 1) -> None:
        """Count `count` more pieces of `kind`, one of `NAMES`."""
        if count:
            self._counts[kind] += count

    def result(self) -> LeftOut:
        """Return the counts so far, in the order of `NAMES`."""
        return LeftOut({kind: self._counts[kind] for kind in NAMES if self._counts[kind]})
