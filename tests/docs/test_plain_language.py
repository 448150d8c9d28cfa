"""Pages, messages, help texts, docstrings and comments are written in plain English.

CONTRIBUTING.md has the rules and the glossary. This test finds the phrases that plain English does without.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "pressrun"

PHRASES = {
    r"anew": "again, or rebuild",
    r"mend(?:s|ed|ing)?": "fix, correct",
    r"that there (?:is|are) not": "unknown, missing",
    r"(?<!there\s)(?-i:is none)": "invalid, missing",
    r"go(?:es|ing)? on(?!\sto)": "continue, resume",
    r"com(?:es?|ing) along": "is bundled, is included",
    r"of which": "which, whose, or a sentence of its own",
    r"passed by": "skipped",
    r"by itself": "automatically, on its own",
    r"somebody": "someone, another process, you",
    r"told": "reported, shown",
    r"stands": "is",
    r"lies": "is, is stored",
    r"alone": "only",
    r"doors?": "interface",
}
"""Phrase -> what to write instead."""
ANY_PHRASE = re.compile(rf"(?<![\w-])(?:{'|'.join(PHRASES)})(?![\w-])".replace(" ", r"\s+"), re.IGNORECASE)

PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("runs/*.md"), *ROOT.glob("examples/*.md")]
    + [ROOT / name for name in ("Makefile", "pyproject.toml", "books.txt.example", ".gitignore")]
)

REMAINING: dict[str, int] = {
    "services": 4,
}
"""Page, or package of `pressrun`, -> number of phrases it may still contain. It may only shrink."""


class Finding(NamedTuple):
    path: Path
    line: int
    phrase: str
    text: str

    def __str__(self) -> str:
        advice = next(advice for pattern, advice in PHRASES.items() if re.fullmatch(pattern, self.phrase.lower()))
        return f'{self.path.relative_to(ROOT)}:{self.line}: "{self.phrase}" ({advice}): {self.text.strip()}'


def find(path: Path, first_line: int, text: str) -> Iterator[Finding]:
    """Yield the phrases in `text`, which begins on `first_line` of `path`. A phrase may continue on the next line."""
    lines = text.split("\n")
    for match in ANY_PHRASE.finditer(text):
        number = text.count("\n", 0, match.start())
        yield Finding(path, first_line + number, " ".join(match[0].split()), lines[number])


def prose_of_page(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the text of a page without code, which may quote anything."""

    def blank(match: re.Match[str]) -> str:
        return "``" + "\n" * match[0].count("\n")

    yield 1, re.sub(r"^```.*?^```|`[^`]*`", blank, path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def prose_of_module(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the comments, docstrings and messages of a module: every string that is not a word or a list of words."""
    source = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_prose(node.value):
            yield node.lineno, re.sub(r"`[^`\n]*`", "``", node.value)


def is_prose(text: str) -> bool:
    """Return whether a string has several words and is not a long list of words, e.g. the stop words of a language."""
    words = text.split()
    return 1 < len(words) <= 20 or bool(re.search(r"[.,:;]", text))


def prose_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the prose of a file of the package, with the number of its first line."""
    if path.suffix == ".py":
        yield from prose_of_module(path)
    elif path.suffix == ".sql":
        yield 1, path.read_text(encoding="utf-8")


def findings_of(package: str) -> list[Finding]:
    """Return the findings of a package of `pressrun`, or of its top-level modules."""
    paths = (SOURCE / package).rglob("*") if package else SOURCE.glob("*.py")
    return [finding for path in sorted(paths) for line, text in prose_of(path) for finding in find(path, line, text)]


def test_a_phrase_is_reported_with_its_line_and_advice() -> None:
    (finding,) = find(ROOT / "page.md", 1, "The stage runs, and what needs it\ngoes\non. There is none of it.")
    assert str(finding) == 'page.md:2: "goes on" (continue, resume): goes'


def test_words_inside_other_words_are_not_phrases() -> None:
    assert not list(find(ROOT / "page.md", 1, "Commends the standstill of a stand-alone outdoor value that is None."))


PACKAGES = ["", *sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_is_in_plain_english(page: Path) -> None:
    found = [finding for line, text in prose_of_page(page) for finding in find(page, line, text)]
    assert len(found) <= REMAINING.get(page.name, 0), "\n" + "\n".join(map(str, found))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package or "pressrun")
def test_a_package_is_in_plain_english(package: str) -> None:
    found = findings_of(package)
    assert len(found) <= REMAINING.get(package, 0), "\n" + "\n".join(map(str, found))
