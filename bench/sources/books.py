"""Books: licences, title pages, contents, pages, illustrations, chapters, hyphens, poems and highlights."""

from __future__ import annotations

from bench.sources.labelled import STORY, Labelled, paragraphs, wrapped

S = STORY
START = "*** START OF THE PROJECT GUTENBERG EBOOK THE DRAWER OF CLOCKS ***"
END = "*** END OF THE PROJECT GUTENBERG EBOOK THE DRAWER OF CLOCKS ***"
HEADER = (
    "The Project Gutenberg eBook of The Drawer of Clocks, by Ann Author\n\nThis eBook is for the use of anyone anywhere in the United "
    "States and most other parts of the world at no cost and with almost no restrictions whatsoever.\n\n"
    "Title: The Drawer of Clocks\n\nAuthor: Ann Author\n\nRelease Date: May 1, 2020 [eBook #12345]\n\nLanguage: English\n"
)
LICENCE = (
    "Updated editions will replace the previous one—the old editions will be renamed.\n\nSTART: FULL LICENSE\n\nTHE FULL PROJECT GUTENBERG "
    "LICENSE\n\nTo protect the Project Gutenberg™ mission of promoting the free distribution of electronic works, you agree to comply."
)
TITLE = "THE DRAWER OF CLOCKS\n\nBy Ann Author\n\nILLUSTRATED\n\nLONDON\nHALLOW & SONS\n1901\n"
CONTENTS = "CONTENTS\n\n  I. The Drawer\n  II. The Watch of the Grandfather\n  III. The Frozen Mill\n"
CHAPTERS = (
    "CHAPTER I.\nTHE DRAWER\n\n" + wrapped(paragraphs(*S[:5])) + "\n\nCHAPTER II.\nTHE WATCH OF THE GRANDFATHER\n\n" + wrapped(paragraphs(*S[5:11]))
    + "\n\nCHAPTER III.\nTHE FROZEN MILL\n\n" + wrapped(paragraphs(*S[11:]))
)
NO_BOOK = ("Gutenberg", "eBook", "CHAPTER", "Chapter", "LICENSE", "12345", "***", "CONTENTS")


def _pages(mark: str) -> str:
    parts = []
    for n in range(0, len(S), 2):
        first, second = S[n], S[n + 1]
        middle = second.index(" ", len(second) // 2)
        parts.append(f"{first} {second[:middle]}\n\n{mark.format(n + 10)}\n\n{second[middle + 1 :]}")
    return "\n\n".join(parts)


def _hyphenated(text: str, width: int = 60) -> str:
    """Return a text whose lines end in the middle of words."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + len(word) + 1 > width:
            cut = width - len(line) - 2
            if word.isalpha() and word.islower() and 3 <= cut <= len(word) - 3:
                lines.append(f"{line} {word[:cut]}-")
                line = word[cut:]
                continue
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


POEM = (
    "The river sleeps below the mill\nThe wheel is white with frost\nThe silent clocks are ticking still\nFor every hour we lost",
    "O bring me bread and bring me light\nAnd sit beside my door\nThe watch that wakes us in the night\nShall never wake us more",
)
LINES = tuple(line for stanza in POEM for line in stanza.split("\n"))
INPUTS = [
    Labelled("gutenberg", ".txt", f"{HEADER}\n{START}\n\n{TITLE}\n{CONTENTS}\n\n{CHAPTERS}\n\nTHE END\n\n{END}\n\n{LICENCE}", (*NO_BOOK, "THE END", "LONDON", "HALLOW", "Ann Author")),
    Labelled("gutenberg-old", ".txt", HEADER + "\n***START OF THIS PROJECT GUTENBERG EBOOK THE DRAWER***\n\nProduced by Jane Doe and the Online Distributed\nProofreading Team at https://www.pgdp.net\n\n" + CHAPTERS + "\n\nEnd of the Project Gutenberg EBook of The Drawer of Clocks, by Ann Author\n\n***END OF THIS PROJECT GUTENBERG EBOOK THE DRAWER***\n\n" + LICENCE, (*NO_BOOK, "Produced", "Proofreading", "Jane Doe")),
    Labelled("gutenberg-cut", ".txt", HEADER + "\n" + CHAPTERS, ("Gutenberg", "eBook", "CHAPTER", "12345")),
    Labelled("transcriber-note", ".txt", f"{START}\n\n[Transcriber's Note: Spelling has been kept.\nPrinter's errors were corrected.]\n\n{CHAPTERS}\n\nTranscriber's Notes:\n\nPunctuation has been normalised. Hyphenation was kept as in the original text.\n\n{END}", (*NO_BOOK, "Transcriber", "Spelling", "Printer", "Punctuation")),
    Labelled("illustrations", ".txt", wrapped(paragraphs(*S[:6])) + "\n\n[Illustration]\n\n" + wrapped(paragraphs(*S[6:10])) + "\n\n[Illustration: The clockmaker at\nher table. _Page 12._]\n\n" + wrapped(paragraphs(*S[10:])), ("Illustration", "at her table", "[", "Page")),
    Labelled("illustrations-inline", ".txt", paragraphs(*(s + " [Illustration]" * (n % 4 == 0) for n, s in enumerate(S))), ("Illustration", "[")),
    Labelled("footnotes", ".txt", wrapped(paragraphs(S[0] + "[1]", *S[1:6])) + "\n\n[Footnote 1: Hallow Street was called\nMill Lane before.]\n\n" + wrapped(paragraphs(S[6] + "[2]", *S[7:])) + "\n\nFOOTNOTES:\n\n[2] The brush is lost.", ("Footnote", "Mill Lane", "[", "brush is lost", "FOOTNOTES")),
    Labelled("footnotes-long", ".txt", paragraphs(S[0] + "[A]", *S[1:]) + "\n\n[Footnote A: The street has two\nparts.\n\nThe second part is newer [see map].]", ("Footnote", "second part", "see map", "[")),
    Labelled("contents-leaders", ".txt", "Contents\n\nThe Drawer ........ 1\nThe Watch ......... 14\nThe Mill .......... 27\n\n" + paragraphs(), ("....", "14", "27", "Contents")),
    Labelled("contents-numbers", ".txt", "TABLE OF CONTENTS\n\nChapter 1: The Drawer 1\nChapter 2: The Watch 14\nChapter 3: The Mill 27\n\nChapter 1: The Drawer\n\n" + paragraphs(*S[:6]) + "\n\nChapter 2: The Watch\n\n" + paragraphs(*S[6:]), ("TABLE", "Chapter", "14", "27")),
    Labelled("contents-german", ".txt", "Inhalt\n\nErstes Kapitel\nZweites Kapitel\n\nErstes Kapitel\n\nDie Uhrmacherin der Gasse reparierte jede Uhr, die man ihr aus der Stadt brachte. Niemand wusste, dass sie eine Lade für Uhren besaß, die nicht zu retten waren.\n\nZweites Kapitel\n\nAm Sonntag öffnete sie die Lade und hörte der Stille zu, die darin wohnte. Ein Junge aus der Bäckerei fragte, warum sie die kaputten Uhren behielt. Sie sagte, dass eine Uhr sich an die Stunde erinnert, in der man sie liebte.\n\nEnde", ("Inhalt", "Kapitel", "Ende."), ("Uhrmacherin", "Stille", "Bäckerei", "liebte"), "de"),
    Labelled("list-of-illustrations", ".txt", TITLE + "\nLIST OF ILLUSTRATIONS\n\nThe clockmaker at her table    12\nThe frozen mill    27\nThe drawer    40\n\n" + CHAPTERS, ("ILLUSTRATIONS", "at her table", "27", "CHAPTER", "LONDON")),
    Labelled("index", ".txt", paragraphs() + "\n\nINDEX\n\nBakery, 4, 12\nClocks, 1-9, 33\nMill, frozen, 27\nWatch, 14", ("INDEX", "33", "frozen, 27", "Bakery, 4")),
    Labelled("page-numbers", ".txt", _pages("{}"), ("10", "12", "14", "24")),
    Labelled("page-dashes", ".txt", _pages("- {} -"), ("10", "12", "- 1")),
    Labelled("page-words", ".txt", _pages("Page {} of 300"), ("Page", "300")),
    Labelled("page-brackets", ".txt", paragraphs(*(s.replace(" the ", f" [Pg {n}] the ", 1) for n, s in enumerate(S, 3))), ("[", "Pg")),
    Labelled("page-braces", ".txt", paragraphs(*(s.replace(" the ", f" {{{n}}}the ", 1) for n, s in enumerate(S, 3))), ("{", "}")),
    Labelled("running-titles", ".txt", "\f".join(f"THE DRAWER OF CLOCKS    {n}\n\n{S[n]}\n{S[n + 1]}" for n in range(0, len(S), 2)), ("DRAWER", "CLOCKS")),
    Labelled("chapters-words", ".txt", "Chapter One\n\n" + paragraphs(*S[:6]) + "\n\nChapter Twenty-Two: The Mill\n\n" + paragraphs(*S[6:12]) + "\n\nEPILOGUE\n\n" + paragraphs(*S[12:]) + "\n\nFINIS", ("Chapter", "EPILOGUE", "FINIS")),
    Labelled("chapters-roman", ".txt", "I.\n\n" + paragraphs(*S[:6]) + "\n\nII.\n\n" + paragraphs(*S[6:12]) + "\n\nIII\n\n" + paragraphs(*S[12:]) + "\n\nTHE END.", ("II.", "III", "THE END")),
    Labelled("copyright-page", ".txt", "THE DRAWER OF CLOCKS\n\nAnn Author\n\nCopyright © 2019 Ann Author\n\nAll rights reserved. No part of this publication may be reproduced in any form.\n\nISBN 978-3-16-148410-0\n\n" + paragraphs(), ("Copyright", "rights", "ISBN", "2019")),
    Labelled("scene-breaks", ".txt", paragraphs(*S[:8]) + "\n\n* * *\n\n" + paragraphs(*S[8:12]) + "\n\n***\n\n" + paragraphs(*S[12:]) + "\n\n-----\n\n~~~~", ("*", "---", "~")),
    Labelled("emphasis", ".txt", wrapped(paragraphs(*(s.replace(" the ", " _the_ ", 1) for s in S))) + "\n\n_This whole\nparagraph is stressed._", ("_",)),
    Labelled("hyphens", ".txt", _hyphenated(" ".join(S)), ("- ", "-\n")),
    Labelled("hyphens-in-line", ".txt", paragraphs(*(s.replace("clockmaker", "clock- maker").replace("grandfather", "grand- father") for s in S)), ("- ",), ("clockmaker", "grandfather")),
    Labelled("soft-hyphens", ".txt", paragraphs(*(s.replace("clockmaker", "clock\u00admaker") for s in S)), ("\u00ad",)),
    Labelled("poem", ".txt", "\n\n".join(POEM), ("mill The", "frost The", "light And", "door The"), LINES),
    Labelled("poem-in-prose", ".txt", wrapped(paragraphs(*S[:8])) + "\n\n" + "\n\n".join(POEM) + "\n\n" + wrapped(paragraphs(*S[8:])), ("mill The", "frost The", "door The"), (*S, *LINES)),
    Labelled("kindle", ".txt", "".join(f"The Drawer of Clocks (Ann Author)\n- Your Highlight on page {n} | Location {n * 12}-{n * 12 + 2} | Added on Monday, May {n}, 2020 8:00:00 AM\n\n{s}\n==========\n" for n, s in enumerate(S, 1)), ("Location", "Highlight", "Added", "===", "Ann Author", "2020")),
    Labelled("kindle-german", ".txt", "".join(f"Die Lade (Ann Author)\n- Ihre Markierung auf Seite {n} | bei Position {n * 12}-{n * 12 + 2} | Hinzugefügt am Montag, {n}. Mai 2020\n\n{s}\n==========\n" for n, s in enumerate(S, 1)), ("Position", "Markierung", "===", "Hinzu")),
    Labelled("kindle-notebook", ".txt", "\n".join(f"Highlight (yellow) - Page {n} · Location {n * 12}\n{s}\n" for n, s in enumerate(S, 1)), ("Location", "Highlight", "yellow")),
    Labelled("readwise", ".md", "# The Drawer of Clocks\n\n## Highlights\n" + "".join(f"- {s} ([Location {n * 12}](https://readwise.io/to_kindle?action=open&asin=B00&location={n * 12}))\n" for n, s in enumerate(S, 1)), ("Location", "http", "readwise", "()")),
    Labelled("apple-books", ".txt", paragraphs() + "\n\nExcerpt From\nThe Drawer of Clocks\nAnn Author\nhttps://books.apple.com/book\nThis material may be protected by copyright.", ("Excerpt", "protected", "http", "Ann Author")),
]
