"""Write three books of 20,000 words in the plain-text form of Project Gutenberg, each with other parts to leave out."""

from __future__ import annotations

import random
import textwrap

WORDS = 20_000
WIDTH = 72
LICENCE = """\
Updated editions will replace the previous one--the old editions will
be renamed.

START: FULL LICENSE

THE FULL PROJECT GUTENBERG LICENSE

PLEASE READ THIS BEFORE YOU DISTRIBUTE OR USE THIS WORK

To protect the Project Gutenberg-tm mission of promoting the free
distribution of electronic works, by using or distributing this work
you agree to comply with all the terms of the Full Project Gutenberg
License available with this file or online at www.gutenberg.org/license.

Section 1. General Terms of Use and Redistributing

1.A. By reading or using any part of this electronic work, you indicate
that you have read and agree to all the terms of this license.
"""


def _header(title: str, author: str, language: str) -> str:
    return (
        f"The Project Gutenberg eBook of {title}, by {author}\n\nThis eBook is for the use of anyone anywhere in the United "
        "States and\nmost other parts of the world at no cost and with almost no restrictions\nwhatsoever. You may copy it, give it "
        "away or re-use it under the terms\nof the Project Gutenberg License included with this eBook or online at\nwww.gutenberg.org.\n\n"
        f"Title: {title}\n\nAuthor: {author}\n\nRelease Date: May 4, 2011 [eBook #36012]\n[Most recently updated: June 2, 2020]\n\n"
        f"Language: {language}\n\nCharacter set encoding: UTF-8\n\n\n*** START OF THE PROJECT GUTENBERG EBOOK {title.upper()} ***\n\n\n"
    )


def _footer(title: str, author: str, end: str) -> str:
    return f"\n\n\n{end}\n\n\n\nEnd of the Project Gutenberg EBook of {title}, by {author}\n\n*** END OF THE PROJECT GUTENBERG EBOOK {title.upper()} ***\n\n{LICENCE}"


class Teller:
    """Tells events in sentences that make sense one by one."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)

    def one(self, options: str) -> str:
        """Return one of the options, which `|` separates."""
        return self.pick.choice(options.split("|"))

    def sentence(self) -> str:
        """Return a sentence of the novel."""
        who = self.one("Captain Harrow|the schoolmaster|Miss Elinor|old Mr. Tobias|the ferryman|Dr. Penrose|the widow of the miller|young Thomas|the bell-ringer|Mrs. Arkwright")
        other = self.one("the innkeeper|her brother|the magistrate|a stranger from the north|the children of the lane|the vicar|his only friend|a sailor with one arm")
        thing = self.one("the letter with the black seal|a box of walnut wood|the key of the old chapel|a map of the marshes|the silver whistle|a lantern without glass|the diary of the drowned man|a coat that was too large")
        place = self.one("at the harbour|behind the churchyard|in the upper room of the inn|on the road to Fenwick|beside the frozen weir|under the great elm|in the empty schoolhouse|near St. Anne’s Gate")
        when = self.one("In the autumn of 1843|Before the clock struck seven|On the third morning|When the snow began to fall|Towards evening|After the funeral|While the tide was out|Long before anybody was awake")
        verb = self.one("found|carried away|sold|hid|promised to return|could not forget|described|had never seen|kept for forty years|gave up")
        reason = self.one("because nobody else would do it|although the whole village had warned against it|for the sake of an old debt|and spoke of it to nobody|as if it had been agreed beforehand|without a word of thanks|and this was the beginning of all that followed|so that the truth might be known at last")
        form = self.pick.randrange(8)
        if form == 0:
            text = f"{when}, {who} {verb} {thing} {place}."
        elif form == 1:
            text = f"{who} {verb} {thing}, {reason}."
        elif form == 2:
            text = f"“You cannot leave {thing} {place},” said {other}, “and you know it as well as I do.”"
        elif form == 3:
            text = f"“Have you seen {thing}?” asked {who}. “{other[:1].upper() + other[1:]} was looking for it {place}.”"
        elif form == 4:
            text = f"There was a time when {other} met {who} {place} every day--but that was long ago."
        elif form == 5:
            text = f"It was {other} who {verb.replace('had never', 'had never')} {thing}; {who} only watched, {reason}."
        elif form == 6:
            text = f"{when}, {other} came to {who} and asked for {thing}, which was worth approx. {self.pick.randint(3, 90)} pounds."
        else:
            text = f"Nobody in the parish believed that {who} _{verb}_ {thing} {place}, {reason}."
        return text[0].upper() + text[1:]

    def paragraph(self) -> str:
        """Return a wrapped paragraph."""
        return textwrap.fill(" ".join(self.sentence() for _ in range(self.pick.randint(3, 7))), WIDTH)


def novel() -> str:
    """Return a novel: title page, contents, illustrations, poems, letters, scene breaks, two volumes."""
    teller = Teller(1)
    titles = ["The Letter", "A Stranger at the Inn", "The Frozen Weir", "What the Ferryman Saw", "St. Anne’s Gate", "The Drowned Man’s Diary", "An Old Debt", "The Bell", "Fenwick Road", "The Truth at Last"]
    numerals = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"]
    front = (
        "Produced by Jane Doe, John Roe and the Online Distributed\nProofreading Team at https://www.pgdp.net (This file was\nproduced from images generously made available by The\nInternet Archive)\n\n\n\n\n"
        "[Illustration: Cover]\n\n\n\n  THE MARSHES OF FENWICK\n\n  _A Tale_\n\n  BY\n\n  MARGARET HOLLOWAY\n\n  AUTHOR OF “THE GREY HOUSE,” ETC.\n\n"
        "  WITH ILLUSTRATIONS BY A. B. FROST\n\n  LONDON\n  SMITH, ELDER & CO., 15 WATERLOO PLACE\n  1889\n\n  [_All rights reserved_]\n\n\n\n\n  TO\n\n  MY MOTHER\n\n\n\n\nCONTENTS\n\n\n"
        + "\n".join(f"  CHAPTER {numerals[n]:>5}. {title.upper():<36}{n * 31 + 1:>4}" for n, title in enumerate(titles))
        + "\n\n\n\nLIST OF ILLUSTRATIONS\n\n\n  “Have you seen the letter?”                    _Frontispiece_\n  The ferryman at the weir                                  62\n  The bell                                                 217\n\n\n\n\nPREFACE\n\n\n"
        + "\n\n".join(teller.paragraph() for _ in range(3)) + "\n\n  M. H.\n\n  FENWICK, _May 1889._\n"
    )
    parts = [front]
    for number, (numeral, title) in enumerate(zip(numerals, titles, strict=True)):
        body = [teller.paragraph() for _ in range(22)]
        body.insert(4, f"[Illustration: “{title},” said the ferryman.\n_Page {number * 31 + 9}._]")
        body.insert(9, "       *       *       *       *       *")
        body.insert(13, "  The river sleeps below the mill,\n    The wheel is white with frost,\n  The silent bells are swinging still\n    For every ship we lost.")
        if number % 3 == 1:
            body.insert(16, "“DEAR SIR,--I beg you to come at once. The box is gone, and the key\nwith it. Nobody knows who was in the house.\n\n  “Your obedient servant,\n\n  “ELINOR PRYCE.”")
        heading = f"\n\n\n\nCHAPTER {numeral}.\n\n{title.upper()}.\n\n" + ("  “Who knows the marsh, knows nothing else.”--_Old Saying._\n\n" if number % 2 else "")
        parts.append(heading + "\n\n".join(body))
        if number == 4:
            parts.append("\n\n\nEND OF VOLUME I.\n\n\n\n\n  THE MARSHES OF FENWICK\n\n  VOLUME II.\n")
    note = "\n\n\n\nTranscriber’s Notes:\n\nObvious printer’s errors have been corrected. Hyphenation has been made\nconsistent. Italics are shown _like this_.\n"
    title, author = "The Marshes of Fenwick", "Margaret Holloway"
    return _header(title, author, "English") + "\n".join(parts) + _footer(title, author, "THE END." + note)


def treatise() -> str:
    """Return a treatise: page numbers, sidenotes, footnotes, numbered sections, a table, an index."""
    teller = Teller(2)
    subjects = "attention|patience|the memory of cities|the weight of habit|solitude|the use of maps|the trade in salt|honest measurement".split("|")
    verbs = "depends on|is older than|was changed by|cannot be explained without|begins with|is the daughter of|gives way to|was once taken for".split("|")
    objects = "the work of many hands|the price of bread|the courage to wait|a clear description|the length of the winter|what travellers write down|the first roads of the Romans|the silence of witnesses".split("|")

    def sentence() -> str:
        pick = teller.pick
        subject = pick.choice(subjects)
        text = [
            f"{subject} {pick.choice(verbs)} {pick.choice(objects)}.",
            f"Whoever studies {subject} soon learns that it {pick.choice(verbs)} {pick.choice(objects)}.",
            f"In the {pick.randint(12, 19)}th cent. {subject} {pick.choice(verbs)} {pick.choice(objects)}, at least in the towns of the coast.",
            f"The first who wrote about {subject} was a physician of Padua, and he knew that it {pick.choice(verbs)} {pick.choice(objects)}.",
            f"No one denies that {subject} {pick.choice(verbs)} {pick.choice(objects)}; the question is why this is so seldom said.",
            f"Of {pick.randint(20, 400)} letters that I have read, {pick.randint(3, 19)} mention {subject} and none explains it.",
            f"We owe to Mr. {pick.choice(('Hill', 'Baxter', 'Lowe'))} the proof that {subject} {pick.choice(verbs)} {pick.choice(objects)}.",
        ][pick.randrange(7)]
        return text[0].upper() + text[1:]

    note = 0
    page = 1
    parts: list[str] = []
    numerals = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII"]
    for number, numeral in enumerate(numerals):
        parts.append(f"\n\n\nSECTION {numeral}.\n\nOf {subjects[number].capitalize()}.\n")
        notes: list[str] = []
        for index in range(26):
            sentences = [sentence() for _ in range(teller.pick.randint(3, 6))]
            if index % 4 == 1:
                note += 1
                place = teller.pick.randrange(len(sentences))
                sentences[place] += f"[{note}]"
                notes.append(f"[{note}] See the _Annals_, vol. ii. p. {note * 7}. The passage is disputed by later writers.")
            text = " ".join(sentences)
            if index % 3 == 0:
                page += 1
                cut = text.index(" ", len(text) // 2)
                text = f"{text[:cut]} [Pg {page}]{text[cut:]}" if number % 2 else f"{text[:cut]} {{{page}}}{text[cut + 1 :]}"
            parts.append(textwrap.fill(text, WIDTH, break_on_hyphens=False))
            if index % 9 == 4:
                parts.append(f"[Sidenote: {subjects[number].capitalize()} in the\nNorth.]")
            if index == 12 and number % 2:
                parts.append("  YEAR.   | LETTERS. | READERS.\n  --------+----------+---------\n  1788    |   204    |   31\n  1801    |   377    |   58")
            if index == 18:
                parts.append("The reasons are three:\n\n1. The roads were bad in all seasons.\n\n2. The letters were written in haste.\n\n3. The readers were few and far away.")
        if number % 2 == 0:
            parts.append("FOOTNOTES:\n\n" + "\n\n".join(textwrap.fill(each, WIDTH) for each in notes))
        else:
            parts.append("\n\n".join(textwrap.fill(f"[Footnote {each[1 : each.index(']')]}: {each[each.index(']') + 2 :]}]", WIDTH) for each in notes))
    front = (
        "E-text prepared by Jane Doe\n\n\nNote: Images of the original pages are available through Internet\n      Archive. See https://archive.org/details/example\n\n\n\n"
        "A TREATISE ON ATTENTION\n\nIn Eight Sections\n\nby\n\nEdmund Wray, M.A.\n\nThird Edition, Revised\n\nEdinburgh: Printed for the Author\nMDCCCXII\n\n\n\nTable of Contents\n\n"
        + "\n".join(f"Section {numeral}. Of {subjects[n].capitalize()} {'.' * 20} {n * 30 + 1}" for n, numeral in enumerate(numerals)) + "\n"
    )
    final_index = "\n\n\nINDEX.\n\n\nAttention, 1-30, 204.\n\nBread, price of, 14, 77.\n\nMaps, use of, 151.\n\nSalt, trade in, 181, 190.\n"
    title, author = "A Treatise on Attention", "Edmund Wray"
    return _header(title, author, "English") + front + "\n\n".join(parts) + _footer(title, author, "FINIS." + final_index)


def tales() -> str:
    """Return German tales: chapters in words, dialogues with dashes of the printer, verses, notes of the editor."""
    pick = random.Random(3)
    who = "die alte Magd|der Müller von Eichberg|Herr Doktor Brandt|die Tochter des Försters|der Hirte|Frau Amtmann Vogel|der stumme Knecht|Bruder Anselm".split("|")
    thing = "die Uhr seines Vaters|den Brief aus Straßburg|eine Laterne ohne Glas|das Buch mit den leeren Seiten|den Schlüssel der Kapelle|einen Ring aus Kupfer".split("|")
    place = "am Ufer der Saale|hinter der Mühle|in der oberen Stube|auf dem Weg nach Naumburg|unter der großen Linde|im verschneiten Hof".split("|")
    when = "Im Herbst des Jahres 1811|Noch vor Sonnenaufgang|Am dritten Tage|Als der Schnee zu fallen begann|Gegen Abend|Nach dem Begräbnis".split("|")
    verb = "fand|verkaufte|versteckte|vergaß|beschrieb|trug".split("|")
    tail = "weil es sonst niemand tun wollte|obwohl das ganze Dorf davor gewarnt hatte|und sprach mit keinem Menschen darüber|als wäre es so verabredet gewesen|und damit begann das Unglück".split("|")

    def sentence() -> str:
        a, b, c = pick.choice(who), pick.choice(thing), pick.choice(place)
        text = [
            f"{pick.choice(when)} {pick.choice(verb)} {a} {b} {c}.",
            f"{a} {pick.choice(verb)} {b}, {pick.choice(tail)}.",
            f"»Habt Ihr {b} gesehen?« fragte {a}. »Man sucht es {c}.«",
            f"Niemand glaubte, daß {a} {b} {c} gesehen hatte.",
            f"Es waren ca. {pick.randint(3, 60)} Taler, die {a} im 18. Jh. für {b} bezahlt hätte.",
            f"Und {a} sagte nur, daß es _spät_ geworden sei {c}.",
        ][pick.randrange(6)]
        return text[0].upper() + text[1:]

    ordinals = ["Erstes", "Zweites", "Drittes", "Viertes", "Fünftes", "Sechstes", "Siebentes", "Achtes"]
    parts = []
    for ordinal in ordinals:
        body = [textwrap.fill(" ".join(sentence() for _ in range(pick.randint(4, 8))), WIDTH) for _ in range(38)]
        body.insert(7, "  Die Mühle geht, das Wasser steigt,\n  Die Nacht ist ohne Stern,\n  Und wer am Ufer lange schweigt,\n  Den hört man noch von fern.")
        body.insert(12, "[Illustration]")
        body.insert(20, "* * *")
        parts.append(f"\n\n\n{ordinal} Kapitel.\n\n" + "\n\n".join(body))
    front = (
        "Anmerkungen zur Transkription:\n\nDer Text wurde originalgetreu übertragen. Offensichtliche Druckfehler wurden korrigiert.\n\n\n\n"
        "Erzählungen\nvon der Saale\n\nvon\n\nFriedrich Lenau\n\nLeipzig\nVerlag von Otto Spamer\n1862\n\n\n\nInhalt.\n\n"
        + "\n".join(f"{ordinal} Kapitel    {n * 20 + 3}" for n, ordinal in enumerate(ordinals)) + "\n"
    )
    title, author = "Erzählungen von der Saale", "Friedrich Lenau"
    return _header(title, author, "German") + front + "\n".join(parts) + _footer(title, author, "Ende.")


BOOKS = {"The Marshes of Fenwick": novel, "A Treatise on Attention": treatise, "Erzählungen von der Saale": tales}
"""Title -> function that writes the book."""
