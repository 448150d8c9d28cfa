"""Check books before they run: their sources, languages, letters and pictures. Nothing is written or sent.

A plan may have ten thousand books, so files are only read for the first `MAX_CHECKED` of them, and only the beginning.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pressrun.errors import BrokenFileError, PressrunError
from pressrun.media.fonts import Fonts, load_fonts
from pressrun.media.pictures import FOLDER as PICTURES_FOLDER
from pressrun.media.pictures import UNSUPPORTED, folder_key, is_picture
from pressrun.model.book import Book
from pressrun.model.plan import PlanRow, ServiceChoice
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.script import Candidate, Script, SourceMatch
from pressrun.services.languages import detect_language, parse_language
from pressrun.services.protocols import Context
from pressrun.services.sources import SOURCES
from pressrun.services.sources.catalogue import SUFFIXES
from pressrun.services.sources.source_language import HEAD_BYTES, source_language
from pressrun.services.writers.final_check import script_warnings
from pressrun.settings import Settings, as_plain
from pressrun.store import json_files
from pressrun.store.run_folder import is_edited
from pressrun.store.slug import slug

WRITING_STAGES = frozenset(("process", "script"))
"""Stages that write a script."""
MAX_CHECKED = 100
"""Books whose files are read."""
MAX_CHECKED_PDFS = 10
"""PDFs whose first pages are read, which takes much longer than a text."""
MAX_NAMED = 3
"""Files and books that a warning names."""
MAX_LETTERS = 12
"""Letters that a warning names."""
MIN_LETTERS = 200
"""Characters from which the language of a text is detected."""
LAST_LATIN_LETTER = "\u024f"
"""Every font has the letters up to this one, so texts without others need no look into the fonts."""
_RTF_LETTER = re.compile(rb"\\u(-?\d{2,6})")
NEAR_SCORE = 80.0
"""How well the name of a folder and a title must match for the folder to be named."""


def check_books(
    rows: Sequence[PlanRow], first_stage: str, choices: Sequence[ServiceChoice], settings: Settings, workspace: Path
) -> list[tuple[Reason, ...]]:
    """Return the warnings of each row. Sources are only looked for in rows that run `first_stage`."""
    searching = [index for index, row in enumerate(rows) if first_stage in row.stages]
    sources = _find_sources([rows[index] for index in searching], choices, settings, workspace)
    matches = dict(zip(searching, sources, strict=True))
    shared = _shared_sources(rows, matches)
    pictures = _Pictures(workspace, frozenset(folder_key(row.book.title) for row in rows))
    letters = _Letters(settings.item.font_dir, workspace)
    language = parse_language(settings.item.language)
    found: list[tuple[Reason, ...]] = []
    checked = pdfs = 0
    for index, row in enumerate(rows):
        warnings: list[Reason] = []
        match = matches.get(index)
        if match and not match.chosen:
            warnings.append(Reason(ReasonKind.NO_SOURCE, {"reason": match.reason}))
        elif match and match.chosen:
            warnings += shared.get(index, ())
            checked += 1
            pdfs += match.chosen.location.lower().endswith(".pdf")
            if checked <= MAX_CHECKED and pdfs <= MAX_CHECKED_PDFS:
                warnings += _check_text(row.book, match.chosen, language, letters, workspace)
        if first_stage not in row.stages and row.run_folder and row.stages and checked < MAX_CHECKED:
            checked += 1
            warnings += _check_script(row, workspace / row.run_folder / "script.json")
        if "render" in row.stages:
            warnings += pictures.check(row.book.title)
        found.append(tuple(warnings))
    return found


def _find_sources(
    rows: Sequence[PlanRow], choices: Sequence[ServiceChoice], settings: Settings, workspace: Path
) -> list[SourceMatch | None]:
    """Return the source of each row; None for all of them if the network would have to be asked."""
    source = next((SOURCES[choice.name] for choice in choices if choice.kind == "source"), None)
    if source is None or source.NEEDS_NETWORK or not rows:
        return [None] * len(rows)
    return list(source.find([row.book for row in rows], Context(workspace, as_plain(settings.item))))


def _shared_sources(
    rows: Sequence[PlanRow], matches: Mapping[int, SourceMatch | None]
) -> dict[int, tuple[Reason, ...]]:
    by_location: dict[str, list[int]] = {}
    for index, match in matches.items():
        if match and match.chosen:
            by_location.setdefault(match.chosen.location, []).append(index)
    warnings: dict[int, tuple[Reason, ...]] = {}
    for location, users in by_location.items():
        for index in users if len(users) > 1 else ():
            others = _join(str(rows[other].book) for other in users if other != index)
            warnings[index] = (Reason(ReasonKind.SHARED_SOURCE, {"file": location, "books": others}),)
    return warnings


def _check_script(row: PlanRow, path: Path) -> list[Reason]:
    """Return warnings about a script that someone has edited and that no stage of the row writes again."""
    if not WRITING_STAGES.isdisjoint(row.stages) or not is_edited(path):
        return []
    try:
        texts = script_warnings(json_files.load(path, Script))
    except BrokenFileError:
        return []  # the stage that reads it says what is wrong
    return [Reason(ReasonKind.STAGE_WARNING, {"text": text}) for text in texts]


def _check_text(
    book: Book, chosen: Candidate, language: str | None, letters: _Letters, workspace: Path
) -> list[Reason]:
    """Return warnings about the text of a source."""
    warnings = []
    path = workspace / chosen.location
    head = _head(path)
    if language and (found := _language_of(path, head)) and found != language:
        values = {"file": chosen.location, "found": found, "setting": language}
        warnings.append(Reason(ReasonKind.LANGUAGE_DIFFERS, values))
    if missing := letters.missing(f"{book.title} {head}"):
        more = f" and {len(missing) - MAX_LETTERS} more" if len(missing) > MAX_LETTERS else ""
        values = {"file": chosen.location, "letters": " ".join(missing[:MAX_LETTERS]), "more": more}
        warnings.append(Reason(ReasonKind.LETTERS_MISSING, values))
    return warnings


def _language_of(path: Path, head: str) -> str:
    """Return the two-letter code of the language that a file is in, or an empty string if that is not sure."""
    if path.suffix.lower() in (".epub", ".pdf"):
        # What EPUBs say about their language is often only the default of a program.
        found = detect_language(head) if len(head) >= MIN_LETTERS else None
    else:
        found = source_language(path)
    return found.code if found and found.sure else ""


def _head(path: Path) -> str:
    """Return the beginning of a text. Media are not read, because that takes too long for a plan."""
    if path.suffix.lower() == ".epub":
        from pressrun.services.sources.epub import read_epub_start

        return read_epub_start(path, HEAD_BYTES)
    if path.suffix.lower() == ".pdf":
        from pressrun.services.sources.pdf import read_pdf_start

        return read_pdf_start(path)
    if SUFFIXES.get(path.suffix.lower()) == "media":
        return ""
    try:
        with path.open("rb") as file:
            data = file.read(HEAD_BYTES)
    except OSError:
        return ""
    if path.suffix.lower() == ".rtf":
        # Only the letters outside of ASCII, which are written as their numbers, can be missing from a font.
        return "".join(chr(int(code) % 0x10000) for code in _RTF_LETTER.findall(data))
    return data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8", "ignore")


@dataclass
class _Letters:
    """Finds letters that no font has. The fonts are loaded when the first text needs them."""

    font_dir: str
    workspace: Path

    def missing(self, text: str) -> str:
        """Return the letters of `text` that the best font does not have."""
        unusual = "".join(sorted({each for each in text if each > LAST_LATIN_LETTER}))
        if not unusual or not self._fonts:
            return ""
        return min((face.missing(unusual) for face in self._fonts.faces), key=len)

    @cached_property
    def _fonts(self) -> Fonts | None:
        try:
            return load_fonts(self.font_dir, self.workspace)
        except PressrunError:
            return None


@dataclass
class _Pictures:
    """Finds pictures that will not be used. The folder is listed once, however many books there are."""

    workspace: Path
    titles: frozenset[str]
    """Keys of all titles of the plan."""

    def check(self, title: str) -> list[Reason]:
        if not self._folders:
            return []
        key = folder_key(title)
        own = self._folders.get(key, [])
        if not own:
            return self._near(title)
        return [warning for name in own for warning in _unused(self.workspace / PICTURES_FOLDER / name)]

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        """Key -> names of the folders."""
        found: dict[str, list[str]] = {}
        try:
            with os.scandir(self.workspace / PICTURES_FOLDER) as entries:
                for entry in entries:
                    if entry.is_dir() and not entry.name.startswith("."):
                        found.setdefault(folder_key(entry.name), []).append(entry.name)
        except OSError:
            return {}
        return found

    @cached_property
    def _strangers(self) -> list[str]:
        """Names of the folders that belong to no book of the plan."""
        return [name for key, names in self._folders.items() if key not in self.titles for name in names]

    def _near(self, title: str) -> list[Reason]:
        from pressrun.services.sources.matching import normalize, title_score

        if not self._strangers:
            return []
        scored = [(title_score(normalize(title), normalize(name)), name) for name in self._strangers[:MAX_CHECKED]]
        score, name = max(scored)
        if score < NEAR_SCORE:
            return []
        values = {"folder": f"{PICTURES_FOLDER}/{name}", "expected": slug(title)}
        return [Reason(ReasonKind.PICTURES_NEAR, values)]


def _unused(folder: Path) -> list[Reason]:
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if not entry.name.startswith("."))
    except OSError:
        return []
    unused = [name for name in names if Path(name).suffix.lower() in UNSUPPORTED and not is_picture(Path(name))]
    values = {"folder": f"{PICTURES_FOLDER}/{folder.name}", "names": _join(unused)}
    return [Reason(ReasonKind.PICTURES_UNUSED, values)] if unused else []


def _join(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - MAX_NAMED} more" if len(listed) > MAX_NAMED else ""
    return f"{', '.join(listed[:MAX_NAMED])}{more}"
