"""Kinds of texts that people save, copy and export: what is read of them, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.services.sources.cleaning import clean_text
from pressrun.services.sources.reading import read_material

PROSE = "The keeper of the old tower counted every ship that passed the island."


def spoken(text: str) -> list[str]:
    return [each.text for each in clean_text(text).segments if not each.heading]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("1:1 In the beginning it was dark.\n1:2 Then came the light.\n1:3 It was good.",
         ["In the beginning it was dark.", "Then came the light.", "It was good."]),
        ("Q1. What is it?\nA1. A tower.\n\nQ2. Who built it?\nA2. Nobody knows.",
         ["What is it?", "A tower.", "Who built it?", "Nobody knows."]),
        ("1/ A thread about towers.\n\n2/ They are old.\n\n3/ The end of it.",
         ["A thread about towers.", "They are old.", "The end of it."]),
        (f"{PROSE}1 It burned for many years.2\n\n{PROSE}\n\n1 Berg, The Lamp, p. 12.\n2 Ibid., p. 14.\n",
         [f"{PROSE} It burned for many years.", PROSE]),
        (f"{PROSE} (Smith et al., 2019; Berg, 2020, p. 12) It is old (Paris, 1871).",
         [f"{PROSE} It is old (Paris, 1871)."]),
        (f"{PROSE}\n\nADVERTISEMENT\n\nREAD MORE: The lamp\n\n{PROSE}", [PROSE, PROSE]),
        (f"Cover\n\nTitle Page\n\n{PROSE}\n\n~~~\n\n{PROSE}\n\n~~~\n\n{PROSE}\n\nAbout the Author\n\nShe lives.\n",
         [PROSE, PROSE, PROSE]),
        (f"{PROSE} It is at www.example.com now.", [f"{PROSE} It is now."]),
        ("»Wer ist da?«, fragte sie. – »Niemand«, sagte er.\n\n– Nein.\n– Doch.",
         ["»Wer ist da?«, fragte sie. – »Niemand«, sagte er.", "Nein.", "Doch."]),
        ("夜里，海上起了大风[1]。\n\n（完）\n\n本书由某人扫描校对，请访问 www.example.com\n[1] 见第三章。",
         ["夜里，海上起了大风。"]),
        (f"A tower (/ˈtaʊər/ TOW-er) is high. {PROSE}", [f"A tower is high. {PROSE}"]),
        (f"{PROSE} It took from 1871-\n72 to build.", [f"{PROSE} It took from 1871-72 to build."]),
        (f"{PROSE} It shone like a light\u00ad\nhouse.", [f"{PROSE} It shone like a lighthouse."]),
    ],
)  # fmt: skip
def test_a_text_is_read_as_a_person_would(text: str, kept: list[str]) -> None:
    assert spoken(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        f"{PROSE} He said that room 12 was free.1 It was not.",
        "It was found.\n\nThat is all we know.\n\nIn 1871.",
        "At 10:30 we left.\n10:45 Was the time of the train.\nThen we slept.",
        f"{PROSE} (Anna said so in 1871.) {PROSE}",
        f"{PROSE}\n\nWe read about the author of the letter, and then we slept.\n\n{PROSE}",
        "ANNA. That is her name.\n\nJON. That is his.\n\nNobody else was there on the night of the storm.",
        "The bell rang — a → b was written on the wall.".replace("→", "to"),
        f"{PROSE} It has parts.\n1 2 3 4 5 are their numbers, and no more.",
        f"{PROSE} We met at the café on 3/4 of the way.",
    ],
)
def test_words_that_look_like_marks_stay(text: str) -> None:
    assert " ".join(spoken(text)).split() == text.split()


def test_a_play_is_spoken_without_names_and_directions() -> None:
    text = (
        "DRAMATIS PERSONAE\n\nANNA, a keeper\nJON, a sailor\n\nSCENE: A kitchen.\n\n[ANNA is at the window.]\n\n"
        "ANNA. Who is there?\n\nJON (laughing). A friend.\n\nANNA.\nCome in, then.\n\nJON. [Aside.] She is kind.\n\n"
        "_Anna._ Sit down.\n\nJON. I thank you.\n\nCURTAIN\n"
    )
    assert spoken(text) == ["Who is there?", "A friend.", "Come in, then.", "She is kind.", "Sit down.", "I thank you."]


def test_captions_of_the_deaf_lose_directions_in_any_language_but_no_word(tmp_path: Path) -> None:
    texts = (
        "(Türen schlagen zu)", "* Leise Musik *", "(leise:) Komm her.", "Ich war (glaube ich) dreißig.",
        "(OLD DOOR CREAKS)", "(il soupire) Bon.", "（ドアが開く音）", "（太郎）行こう➡",
        "#Hola, hola#", "No.", "Nobody came.",
        "(I told you so)", "Untertitel: Beispiel GmbH (2018)", "Sous-titrage Exemple",
        "Encoded by Someone\nwww.subs.example", "He paid (in 1871)",
    )  # fmt: skip
    cues = "\n".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{text}\n" for n, text in enumerate(texts, 1))
    path = tmp_path / "talk.srt"
    path.write_text(cues, encoding="utf-8")
    assert [each.text for each in read_material(path, lambda each: each).segments] == [
        "Komm her.", "Ich war (glaube ich) dreißig.", "Bon.", "行こう", "Hola, hola", "No.", "Nobody came.",
        "(I told you so)", "He paid (in 1871)",
    ]  # fmt: skip


def test_a_page_keeps_poems_and_tables_of_sentences_and_loses_data() -> None:
    page = (
        f"<html><body><pre>The sea is wide\nthe night is long</pre><table><tr><td><p>{PROSE}</p></td></tr></table>"
        "<table><tr><td>Year</td><td>1871</td></tr></table><pre>x = 1;\nprint(x);</pre>"
        f"<p>It holds 10<sup>3</sup> lamps.</p><p>{PROSE}</p></body></html>"
    )
    assert [each.text for each in clean_text(page, "html").segments] == [
        "The sea is wide the night is long", PROSE, "It holds 10³ lamps.", PROSE,
    ]  # fmt: skip
