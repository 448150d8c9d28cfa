"""Provide the few words a script adds to its source, per language; other languages get none.

`{book}` is the quoted title, `{author}` the author. Every row says the same: what the video is about at the beginning,
what it was about at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pressrun.model.book import Book

_SUBTITLE = re.compile(r"\s*[:;：；(（]\s*|\s+[-–—]\s+|,?\s+or,\s+")


@dataclass(frozen=True)
class Phrases:
    """Sentences and labels of one language; the forms `_by` include the author."""

    quotes: str
    """Opening and closing quotation marks, each with its space."""
    opening: str
    opening_by: str
    ending: str
    ending_by: str
    named: str
    """Title and author in a headline."""
    headline: str
    contents: str
    tags: tuple[str, ...]


PHRASES: dict[str, Phrases] = {
    "en": Phrases("“|”", "This is {book}.", "This is {book}, by {author}.", "That was {book}.",
                  "That was {book}, by {author}.", "{title} by {author}", "{named}: the key ideas", "In this video",
                  ("book summary", "key ideas", "books")),
    "de": Phrases("„|“", "Das ist {book}.", "Das ist {book} von {author}.", "Das war {book}.",
                  "Das war {book} von {author}.", "{title} von {author}", "{named}: die wichtigsten Gedanken",
                  "In diesem Video", ("Buchzusammenfassung", "Bücher")),
    "fr": Phrases("« | »", "Voici {book}.", "Voici {book}, par {author}.", "C’était {book}.",
                  "C’était {book}, par {author}.", "{title}, par {author}", "{named} : les idées essentielles",
                  "Dans cette vidéo", ("résumé de livre", "livres")),
    "es": Phrases("«|»", "Esto es {book}.", "Esto es {book}, de {author}.", "Esto fue {book}.",
                  "Esto fue {book}, de {author}.", "{title}, de {author}", "{named}: las ideas clave",
                  "En este vídeo", ("resumen de libro", "libros")),
    "it": Phrases("«|»", "Questo è {book}.", "Questo è {book}, di {author}.", "Questo era {book}.",
                  "Questo era {book}, di {author}.", "{title}, di {author}", "{named}: le idee principali",
                  "In questo video", ("riassunto di libro", "libri")),
    "pt": Phrases("“|”", "Este é {book}.", "Este é {book}, de {author}.", "Este foi {book}.",
                  "Este foi {book}, de {author}.", "{title}, de {author}", "{named}: as ideias principais",
                  "Neste vídeo", ("resumo de livro", "livros")),
    "nl": Phrases("‘|’", "Dit is {book}.", "Dit is {book}, van {author}.", "Dat was {book}.",
                  "Dat was {book}, van {author}.", "{title} van {author}", "{named}: de belangrijkste ideeën",
                  "In deze video", ("boeksamenvatting", "boeken")),
    "ru": Phrases("«|»", "Это книга {book}.", "Это книга {book}, автор — {author}.", "Это была книга {book}.",
                  "Это была книга {book}, автор — {author}.", "{title}, {author}", "{named}: главные мысли",
                  "В этом видео", ("краткое содержание", "книги")),
    "ar": Phrases("«|»", "هذا كتاب {book}.", "هذا كتاب {book} للمؤلف {author}.", "كان هذا كتاب {book}.",
                  "كان هذا كتاب {book} للمؤلف {author}.", "{title} - {author}", "{named}: أهم الأفكار",
                  "في هذا الفيديو", ("ملخص كتاب", "كتب")),
    "ja": Phrases("『|』", "今回の本は{book}です。", "今回の本は、{author}の{book}です。", "以上、{book}でした。",
                  "以上、{author}の{book}でした。", "{author}『{title}』", "{named}の要点", "この動画の内容",
                  ("本の要約", "読書")),
    "zh": Phrases("《|》", "今天的书是{book}。", "今天的书是{author}的{book}。", "以上就是{book}。",
                  "以上就是{author}的{book}。", "{author}《{title}》", "{named}的要点", "本期内容",
                  ("书籍摘要", "读书")),
}
NO_PHRASES = Phrases("|", "", "", "", "", "{title} – {author}", "{named}", "", ())


def phrases_of(code: str) -> Phrases:
    return PHRASES.get(code, NO_PHRASES)


def opening_sentence(book: Book, code: str) -> str:
    """Return the sentence that names the book at the beginning, or an empty string if the language has none."""
    rows = phrases_of(code)
    return _fill(rows.opening_by if book.author else rows.opening, book, rows)


def ending_sentence(book: Book, code: str) -> str:
    """Return the sentence that names the book at the end, or an empty string if the language has none."""
    rows = phrases_of(code)
    return _fill(rows.ending_by if book.author else rows.ending, book, rows)


def shorter_forms(book: Book) -> list[Book]:
    """Yield spoken forms of the book, from its full title to its first words without the author."""
    main = _SUBTITLE.split(book.title, maxsplit=1)[0].strip() or book.title
    beginnings = [_first_words(main, characters) for characters in (80, 40, 20)]
    return [
        book, Book(main, book.author), Book(main), *(Book(title) for title in beginnings if len(title) < len(main)),
    ]


def _first_words(title: str, characters: int) -> str:
    """Return the words of `title` that fit, or the first letters of one very long word."""
    head = title[: characters + 1].rpartition(" ")[0] if len(title) > characters else title
    return head.rstrip(" ,;:-–—&") or title[:characters]


def _fill(form: str, book: Book, rows: Phrases) -> str:
    left, _, right = rows.quotes.partition("|")
    # All placeholders are replaced in one pass, so braces in a title stay as they are.
    values = {"{book}": f"{left}{book.title}{right}", "{author}": book.author or ""}
    return fill_template(form, values)


def fill_template(form: str, values: dict[str, str]) -> str:
    """Return `form` with every key of `values` replaced once, whatever the values contain."""
    for key, value in values.items():
        before, found, after = form.partition(key)
        if found:
            rest = {other: each for other, each in values.items() if other != key}
            return fill_template(before, rest) + value + fill_template(after, rest)
    return form
