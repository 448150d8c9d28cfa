"""The few words a script adds to its source, per language; a language without a row here gets none.

`{book}` is the quoted title, `{author}` the author. Every row says the same: what the video is about at the
beginning, what it was about at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

from pressrun.model.book import Book


@dataclass(frozen=True)
class Phrases:
    """Sentences and labels of one language; the forms `_by` name the author."""

    quotes: str
    """Opening and closing quotation mark, each with the blank that belongs to it."""
    opening: str
    opening_by: str
    ending: str
    ending_by: str
    named: str
    """Title and author in a headline."""
    headline: str
    contents: str
    source: str
    tags: tuple[str, ...]


PHRASES: dict[str, Phrases] = {
    "en": Phrases("“|”", "This is {book}.", "This is {book}, by {author}.", "That was {book}.",
                  "That was {book}, by {author}.", "{title} by {author}", "{named}: the key ideas", "In this video",
                  "Source", ("book summary", "key ideas", "books")),
    "de": Phrases("„|“", "Das ist {book}.", "Das ist {book} von {author}.", "Das war {book}.",
                  "Das war {book} von {author}.", "{title} von {author}", "{named}: die wichtigsten Gedanken",
                  "In diesem Video", "Quelle", ("Buchzusammenfassung", "Bücher")),
    "fr": Phrases("« | »", "Voici {book}.", "Voici {book}, par {author}.", "C’était {book}.",
                  "C’était {book}, par {author}.", "{title}, par {author}", "{named} : les idées essentielles",
                  "Dans cette vidéo", "Source", ("résumé de livre", "livres")),
    "es": Phrases("«|»", "Esto es {book}.", "Esto es {book}, de {author}.", "Esto fue {book}.",
                  "Esto fue {book}, de {author}.", "{title}, de {author}", "{named}: las ideas clave",
                  "En este vídeo", "Fuente", ("resumen de libro", "libros")),
    "it": Phrases("«|»", "Questo è {book}.", "Questo è {book}, di {author}.", "Questo era {book}.",
                  "Questo era {book}, di {author}.", "{title}, di {author}", "{named}: le idee principali",
                  "In questo video", "Fonte", ("riassunto di libro", "libri")),
    "pt": Phrases("“|”", "Este é {book}.", "Este é {book}, de {author}.", "Este foi {book}.",
                  "Este foi {book}, de {author}.", "{title}, de {author}", "{named}: as ideias principais",
                  "Neste vídeo", "Fonte", ("resumo de livro", "livros")),
    "nl": Phrases("‘|’", "Dit is {book}.", "Dit is {book}, van {author}.", "Dat was {book}.",
                  "Dat was {book}, van {author}.", "{title} van {author}", "{named}: de belangrijkste ideeën",
                  "In deze video", "Bron", ("boeksamenvatting", "boeken")),
    "ru": Phrases("«|»", "Это книга {book}.", "Это книга {book}, автор — {author}.", "Это была книга {book}.",
                  "Это была книга {book}, автор — {author}.", "{title}, {author}", "{named}: главные мысли",
                  "В этом видео", "Источник", ("краткое содержание", "книги")),
    "ar": Phrases("«|»", "هذا كتاب {book}.", "هذا كتاب {book} للمؤلف {author}.", "كان هذا كتاب {book}.",
                  "كان هذا كتاب {book} للمؤلف {author}.", "{title} - {author}", "{named}: أهم الأفكار",
                  "في هذا الفيديو", "المصدر", ("ملخص كتاب", "كتب")),
    "ja": Phrases("『|』", "今回の本は{book}です。", "今回の本は、{author}の{book}です。", "以上、{book}でした。",
                  "以上、{author}の{book}でした。", "{author}『{title}』", "{named}の要点", "この動画の内容", "出典",
                  ("本の要約", "読書")),
    "zh": Phrases("《|》", "今天的书是{book}。", "今天的书是{author}的{book}。", "以上就是{book}。",
                  "以上就是{author}的{book}。", "{author}《{title}》", "{named}的要点", "本期内容", "来源",
                  ("书籍摘要", "读书")),
}
NO_PHRASES = Phrases("|", "", "", "", "", "{title} – {author}", "{named}", "", "", ())


def phrases_of(code: str) -> Phrases:
    return PHRASES.get(code, NO_PHRASES)


def opening(book: Book, code: str) -> str:
    """The sentence that names the book at the beginning; empty where the language has none."""
    rows = phrases_of(code)
    return _fill(rows.opening_by if book.author else rows.opening, book, rows)


def ending(book: Book, code: str) -> str:
    """The sentence that names the book at the end; empty where the language has none."""
    rows = phrases_of(code)
    return _fill(rows.ending_by if book.author else rows.ending, book, rows)


def _fill(form: str, book: Book, rows: Phrases) -> str:
    left, _, right = rows.quotes.partition("|")
    # One replacement at a time over the form, so that braces in a title stay what they are.
    values = {"{book}": f"{left}{book.title}{right}", "{author}": book.author or ""}
    return fill(form, values)


def fill(form: str, values: dict[str, str]) -> str:
    """`form` with every key of `values` replaced, once, whatever the values contain."""
    for key, value in values.items():
        before, found, after = form.partition(key)
        if found:
            rest = {other: each for other, each in values.items() if other != key}
            return fill(before, rest) + value + fill(after, rest)
    return form


def _starts(text: str) -> frozenset[str]:
    return frozenset(text.split())


WEAK_STARTS: dict[str, frozenset[str]] = {
    "en": _starts(
        "he she it they him her them his hers its their theirs this that these those such both neither either another "
        "others but and so yet or nor however therefore thus hence then also instead moreover furthermore besides "
        "otherwise nevertheless meanwhile consequently still again afterwards likewise similarly indeed finally "
        "there here which who because since then all none few it's that's he's she's they're second third"
    ),
    "de": _starts(
        "er sie es ihm ihn ihr ihre ihren sein seine seinen dieser diese dieses diesen diesem jener jene das aber und "
        "oder doch jedoch deshalb daher darum dann also auch trotzdem dennoch außerdem dadurch damit dort hier so denn "
        "sondern danach davon dabei dazu"
    ),
    "fr": _starts(
        "il elle ils elles lui leur ce cela ça cette ces cet celui celle ceux son sa ses leurs mais et ou donc alors "
        "ainsi pourtant cependant puis ensuite aussi toutefois or car c'est c’est là ici"
    ),
    "es": _starts(
        "él ella ellos ellas esto eso este esta estos estas ese esa esos esas aquello su sus pero y o así entonces "
        "luego además también sin embargo porque pues por ahí allí"
    ),
    "it": _starts(
        "egli lui lei loro esso essa essi questo questa questi queste quello quella ciò suo sua suoi ma e o quindi "
        "dunque allora così però inoltre anche poi perché tuttavia lì qui"
    ),
    "pt": _starts(
        "ele ela eles elas isto isso este esta estes estas esse essa esses essas aquilo seu sua seus suas mas e ou "
        "assim então porém portanto também além depois porque contudo ali aqui"
    ),
    "nl": _starts(
        "hij zij ze het hem haar hun zijn dit dat deze die maar en of dus toch echter daarom dan ook toen daarna "
        "bovendien want daar hier"
    ),
    "ru": _starts(
        "он она оно они его её ее их это этот эта эти тот та те такой такая но и а или однако поэтому затем потом "
        "также тогда так зато там здесь"
    ),
    "ar": _starts(
        "هو هي هم هذا هذه ذلك تلك هؤلاء أولئك لكن ولكن ثم لذلك كذلك لهذا وهو وهي وهم وهذا وهذه وذلك فهو فهي أيضا أيضًا"
    ),
}
WEAK_PREFIXES: dict[str, tuple[str, ...]] = {
    "ja": (
        "それ", "これ", "その", "この", "あの", "そこ", "ここ", "そして", "しかし", "だが", "だから", "また", "彼",
        "つまり", "さらに", "でも", "すると", "ただ", "なぜなら", "そう", "こう", "けれど", "ところが", "したがって",
    ),
    "zh": (
        "他", "她", "它", "这", "那", "但", "而", "所以", "因此", "于是", "然后", "不过", "并且", "同时", "其", "此",
        "可是", "然而",
    ),
}
LINKS: dict[str, frozenset[str]] = {
    "en": _starts("therefore also too however instead then thus either neither this these those such"),
    "de": _starts("deshalb daher jedoch auch also dennoch trotzdem"),
    "fr": _starts("donc aussi pourtant cependant"),
    "es": _starts("también entonces además"),
    "it": _starts("quindi anche dunque"),
    "pt": _starts("também então portanto"),
    "nl": _starts("daarom ook dus echter"),
}
"""Words that, near the beginning, lean on the sentence before."""
CONTRASTS: dict[str, frozenset[str]] = {
    "en": _starts("not never nobody nothing no most only without but first last greatest more than"),
    "de": _starts("nicht nie niemand nichts kein keine nur ohne erste letzte mehr"),
    "fr": _starts("ne jamais personne rien sans plus premier dernier"),
    "es": _starts("no nunca nadie nada sin más primero último"),
}
"""Words that make a sentence striking."""
