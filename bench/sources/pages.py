"""Pages, plays, letters, chats and other markup: what people copy, save and export."""

from __future__ import annotations

from bench.sources.labelled import STORY, Labelled, clock, paragraphs, srt

S = STORY
NAMES = ("Anna Berg", "Dr. Jon O'Neil", "Maria")
SPEAKERS = ("ANNA", "JONAS", "THE KEEPER")
FOUR = tuple(" ".join(S[start : start + 4]) for start in range(0, len(S), 4))
HTML = "".join(f"<p>{each}</p>" for each in FOUR)


def _marked(sentences: tuple[str, ...], *marks: str) -> str:
    return " ".join(f"{each}{marks[n % len(marks)]}" for n, each in enumerate(sentences))


def _play() -> str:
    speeches = [f"{SPEAKERS[n % 3]}{' (quietly)' if n % 4 == 1 else ''}. {each}" for n, each in enumerate(S)]
    speeches.insert(4, "[He opens the window.]")
    people = "DRAMATIS PERSONAE\n\nANNA, a clockmaker\nJONAS, a boy\nTHE KEEPER, his father\n\n"
    return f"THE DRAWER\n\n{people}SCENE: A shop. Evening.\n\n" + "\n\n".join(speeches) + "\n\nCURTAIN\n"


def _ass() -> str:
    head = "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n[Events]\n"
    head += "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    lines = (f"Dialogue: 0,0:{n:02}:00.00,0:{n:02}:05.00,Default,,0,0,0,,{{\\i1}}{each}{{\\i0}}" for n, each in enumerate(S))
    return head + "\n".join(lines)


INPUTS = [
    Labelled("wiki-english", ".txt", "From Wikipedia, the free encyclopedia\nFor other uses, see Drawer (disambiguation).\n\n" + _marked(S[:8], "[1]: 14 ", "[a][2]", "[3][better source needed]") + "\n\nHistory\n[edit]\nMain article: History of drawers\n" + _marked(S[8:], "[4]", "") + "\n\nSee also\n[edit]\nList of drawers\nReferences\n[edit]\n^ Jump up to: a b Smith (1999).\n", ("[", ": 14", "Wikipedia", "Main article", "List of drawers", "Jump", "For other uses")),
    Labelled("wiki-german-groups", ".txt", _marked(S[:8], "[A 1]", "[1]:12", "[2]:S. 23–25", "[Anm. 3]") + "\n\nGeschichte[Bearbeiten | Quelltext bearbeiten]\n\n→ Hauptartikel: Geschichte der Schubladen\n\n" + _marked(S[8:], "[Beleg fehlt]", "") + "\n\nEinzelnachweise[Bearbeiten | Quelltext bearbeiten]\n\n↑ Meyer, H.: Schubladen. Kiel 1998, S. 12.\n", ("[", "A 1", ":12", "S. 23", "Bearbeiten", "Hauptartikel", "Meyer")),
    Labelled("wiki-french", ".txt", _marked(S[:8], "[1],[2]", "[note 1]", "[3],[4],[5]") + "\n\nHistoire[modifier | modifier le code]\n\nArticle détaillé : Histoire des tiroirs.\n\n" + _marked(S[8:], "[réf. nécessaire]", ""), ("[", ",,", "modifier", "Article détaillé")),
    Labelled("mediawiki", ".txt", "{{Infobox drawer\n| name = Drawer\n| {{nested|x}} }}\n'''The drawer''' is [[old|very old]].<ref>Smith, p. 3.</ref>\n\n== History ==\n[[File:Drawer.jpg|thumb|The drawer in 1900]]\n" + paragraphs() + '\n\n{| class="wikitable"\n|-\n! Year\n|-\n| 1871\n|}\n\n== References ==\n{{reflist}}\n[[Category:Drawers]]\n', ("{", "|", "'''", "Smith", "thumb", "1871", "Category", "==")),
    Labelled("restructured-text", ".txt", "==========\nThe drawer\n==========\n\n:Author: Ann\n\n.. image:: a.png\n   :width: 200\n\n.. note::\n\n   " + S[0] + "\n\nClocks\n======\n\n" + paragraphs(*S[1:]) + " See :ref:`clocks` or `the log <https://example.org>`_ [#f1]_.\n\n.. [#f1] Pressed.\n", (".. ", "::", ":ref:", "`", "#f1", "Author", "width", "Pressed", "==")),
    Labelled("org-mode", ".txt", "#+TITLE: The drawer\n#+AUTHOR: Ann\n\n* TODO The drawer      :clock:\n  :PROPERTIES:\n  :ID: 1\n  :END:\n\n" + paragraphs() + "\n\nIt is /very/ old, see [[https://example.org][the log]].\n\n#+BEGIN_SRC python\nprint(1)\n#+END_SRC\n", ("#+", "TODO", ":clock:", "/very/", "[[", "print", "PROPERTIES")),
    Labelled("asciidoc", ".txt", "= The drawer\n:author: Ann\n\n== Clocks\n\nimage::a.png[A picture]\n\n" + paragraphs() + "\n\nNOTE: Remember https://example.org[the drawer].\n\n[source,python]\n----\nprint(1)\n----\n", ("image::", "author", "NOTE", "[", "print", "==")),
    Labelled("bbcode", ".txt", "[b]The drawer[/b]\n\n[img]https://example.org/a.png[/img]\n\n" + paragraphs(*(each.replace("the", "[i]the[/i]", 1) for each in S)) + "\n\n[url=https://example.org]The shop[/url] is open.", ("[", "example.org")),
    Labelled("stage-play", ".txt", _play(), ("ANNA", "JONAS", "KEEPER", "quietly", "window", "CURTAIN", "SCENE", "PERSONAE", "clockmaker\n")),
    Labelled("e-mail", ".txt", "From: Ann <a@example.org>\nTo: Jon <j@example.org>\nSubject: The drawer\nDate: Mon, 5 Jan 2024 10:00:00 +0100\n\n" + paragraphs(*S[:9]) + "\n\n" + "\n\n".join(f"> {each}" for each in S[9:]) + "\n\n-- \nAnn Berg\nTel. +47 55 12 34 56\n", ("From:", "Subject", "example.org", ">", "Tel", "+47")),
    Labelled("chat", ".txt", "".join(f"[05.01.24, 10:{n:02}:12] {NAMES[n % 2 * 2]}: {each}\n" for n, each in enumerate(S)) + "[05.01.24, 11:00:12] Maria: \u200eimage omitted\n", ("05.01", "10:", "Maria", "Anna Berg", "omitted")),
    Labelled("chat-with-dashes", ".txt", "05/01/2024, 09:59 - Messages and calls are end-to-end encrypted.\n" + "".join(f"05/01/2024, 10:{n:02} - {NAMES[n % 2 * 2]}: {each}\n" for n, each in enumerate(S)) + "05/01/2024, 11:00 - Maria: <Media omitted>\n", ("05/01", "encrypted", "Maria", "omitted")),
    Labelled("meeting", ".txt", "Weekly sync-20240105_100000-Meeting Recording\nJanuary 5, 2024, 10:00AM\n32m 14s\n\nAnna Berg started transcription\n\n" + "\n\n".join(f"{NAMES[n % 2 * 2]}   {n}:{n * 3 % 60:02}\n{each}" for n, each in enumerate(S)) + "\n\nAnna Berg stopped transcription\n", ("Recording", "10:00AM", "32m", "transcription", "Anna Berg", "Maria")),
    Labelled("names-in-every-cue", ".vtt", "WEBVTT\n\n" + "\n".join(f"{n}\n{clock(n * 4, '.')} --> {clock(n * 4 + 3, '.')}\n{NAMES[n % 3]}: {each}\n" for n, each in enumerate(S, 1)), ("Anna Berg", "O'Neil", "Maria")),
    Labelled("page-of-captions", ".txt", "Transcript\nSearch in video\n" + "".join(f"{n // 60}:{n % 60:02}\n{n} seconds\n{each}\n" for n, each in enumerate(S, 2)) + "English (auto-generated)\n", ("Transcript", "Search", "seconds", "auto-generated", "0:")),
    Labelled("questions-and-answers", ".txt", "\n\n".join(f"{'QA'[n % 2]}: {each}" for n, each in enumerate(S)), ("Q:", "A:")),
    Labelled("directions-german", ".srt", srt("(Türen schlagen zu)", "* Spannende Musik *", *(f"(leise:) {each}" if n % 3 == 0 else each for n, each in enumerate(S)), "Untertitel: Funk Text im Auftrag des Hauses (2018)", "Copyright WDR 2018"), ("Türen", "Musik", "leise", "Untertitel", "Copyright")),
    Labelled("directions-french", ".srt", srt("Musique douce", "(il soupire) " + S[0], "MARIE : " + S[1], *S[2:], "Sous-titrage Société Radio", "❤️ par SousTitreur.com"), ("Musique", "soupire", "MARIE", "Sous", "❤")),
    Labelled("directions-capitals", ".srt", srt("(DOOR SLAMS) (THUNDER)", *S, "Encoded by LampTeam\nwww.lampsubs.example"), ("DOOR", "THUNDER", "Encoded", "www")),
    Labelled("styled-captions", ".ass", _ass() + "\nDialogue: 0,0:59:00.00,0:59:05.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}\n", ("{", "m 0 0")),
    Labelled("page-around-article", ".html", '<html><body><header><nav><a href="/">Home</a></nav></header><div class="cookie-banner">We use cookies.</div><main><article><h1>The drawer</h1><p class="byline">By Ann</p>' + HTML + '<p>Share this: <a href="#">Mail</a></p><div class="related-posts"><h3>Related posts</h3><p>The buoy</p></div><section class="comments"><h2>3 comments</h2><p>Nice one!</p></section></article></main><aside><p>Subscribe to our newsletter.</p></aside></body></html>', ("Home", "cookies", "By Ann", "Share", "Related", "buoy", "Nice", "Subscribe")),
    Labelled("layout-table", ".html", f"<html><body><table><tr><td>{HTML}</td></tr></table><table><tr><td>Year</td><td>1871</td></tr><tr><td>Price</td><td>12</td></tr></table><p>[<a href=x>Next page</a>]</p><p>Last updated: 5 Jan 1999.</p></body></html>", ("1871", "Next page", "Last updated")),
    Labelled("soft-hyphens-in-html", ".html", "<html><body>" + HTML.replace("watch", "wa&shy;tch").replace("drawer", "dra\u00adwer") + "<p>It holds 10<sup>3</sup> litres.</p></body></html>", ("\u00ad", "103")),
    Labelled("emoji", ".md", "# The drawer 🔦\n\n💡 " + paragraphs(*(f"{each} 🕰️" if n % 3 else each for n, each in enumerate(S))) + "\n\n✅ Buy oil 📅 2024-01-05\n☑ Clean the glass\n", ("💡", "🕰", "✅", "☑", "📅", "2024", "\ufe0f")),
    Labelled("word-processor", ".rtf", r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\header Page \chpgn}\pard " + r"\par ".join(f"{each}{{\\super {n}}}" for n, each in enumerate(FOUR, 1)) + r"\par {\pntext 1.\tab}Clean the glass\par It was dark\line and cold.\par \trowd\cellx100 Year\cell Oil\cell\row}", ("Page", "Year", "|", ".1", ".2")),
    Labelled("exported-page", ".md", "# Plan\n\nOwner: Ann\nStatus: In progress\nTags: sea, lamp\n\n" + paragraphs() + "\n\nThe H~2~O is here.\n\n*[HTML]: Hyper Text\n", ("Owner", "Status", "Tags", "~2~", "Hyper")),
]
