"""Sentences end where they end: not before a small letter, not at an abbreviation, not inside a grapheme cluster."""

from __future__ import annotations

import unicodedata

import pytest

from pressrun.model.script import Segment, Transcript
from pressrun.services.languages import direction_of, split_sentences, spoken_words
from pressrun.services.sentence_boundaries import break_phrases, ends_with_abbreviation
from pressrun.services.voices.text_units import clusters
from pressrun.services.writers.units import MAX_SENTENCE_WORDS, split_units

THAI = "วันนี้อากาศดีมากเราจึงไปเที่ยวทะเลกับเพื่อนๆและกินอาหารที่ร้านริมน้ำ"
LAO = "ມື້ນີ້ອາກາດດີຫຼາຍພວກເຮົາຈຶ່ງໄປທ່ຽວທະເລ"
KHMER = "ថ្ងៃនេះអាកាសធាតុល្អណាស់យើងទៅលេងសមុទ្រ"
BURMESE = "ယနေ့ရာသီဥတုကောင်းသောကြောင့်ပင်လယ်သို့သွားသည်"
JAPANESE = "今日は天気がとても良いので友人たちと海へ行きました"
CHINESE = "今天天气很好我们和朋友们一起去海边玩"


@pytest.mark.parametrize(
    ("code", "text", "sentences"),
    [
        ("en", "It is approx. 3 km away. It has approx. 200 pages, vol. 2 has more.", 2),
        ("en", "A painter of the 19th cent. came with ca. 30 pictures. He left.", 2),
        ("en", "The lamp weighs 6 lbs. in all, and 9 lbs. with its oil.", 1),
        ("en", "See fig. 3 and ch. 4 for the plan. They met in vol. II of the book.", 2),
        ("en", "“Stop!” she cried. The 5th ed. came out.", 2),
        ("en", "It cost $5. 30 men came. He was born in 1850. 30 years later he died.", 4),
        ("en", "It was no good. They left. On his mind. 3 days later.", 4),
        ("de", "Im 19. Jh. kam er ca. 3 km weit. Er zahlte 19. Dann ging er.", 3),
        ("fr", "M. Dupont et Mme. Durand sont venus. Au XIXe s. vint le peintre.", 2),
        ("ja", "「行こう！」と言った。男は笑った。", 2),
        ("zh", "“来吧！”她说。他走了。", 2),
        ("km", "ខ្ញុំទៅ។ គាត់មក។", 2),
        ("en", "alpha came. beta left. gamma stayed. delta slept. epsilon woke.", 5),
    ],
)
def test_sentences_are_counted_as_a_reader_would(code: str, text: str, sentences: int) -> None:
    found = split_sentences(text, code)
    assert len(found) == sentences, found
    assert "".join("".join(found).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("code", "text"),
    [("th", THAI), ("lo", LAO), ("km", KHMER), ("my", BURMESE), ("ja", JAPANESE), ("zh", CHINESE)],
)
def test_phrases_never_cut_a_grapheme_cluster(code: str, text: str) -> None:
    phrases = break_phrases(text, code)
    assert "".join(phrases) == text
    assert len(phrases) > 3
    bounds = set()
    length = 0
    for cluster in clusters(text):
        length += len(cluster)
        bounds.add(length)
    length = 0
    for phrase in phrases:
        assert unicodedata.category(phrase[0])[0] != "M"
        length += len(phrase)
        assert length in bounds


@pytest.mark.parametrize(
    ("code", "text"),
    [("th", THAI), ("lo", LAO), ("km", KHMER), ("my", BURMESE), ("ja", JAPANESE), ("zh", CHINESE)],
)
def test_a_long_sentence_is_cut_only_between_phrases(code: str, text: str) -> None:
    long = text * 12
    transcript = Transcript(code, direction_of(code), (Segment(long),), "a.txt")
    units, _ = split_units(transcript, everything=True)
    assert len(units) > 1
    phrases = break_phrases(long, code)
    ends = set()
    length = 0
    for phrase in phrases:
        length += len(phrase)
        ends.add(length)
    length = 0
    for unit in units[:-1]:
        assert spoken_words(unit.text, code) <= MAX_SENTENCE_WORDS
        length += len(unit.text)
        assert length in ends


def test_thai_is_cut_at_its_spaces_first() -> None:
    text = " ".join([THAI] * 8)
    transcript = Transcript("th", "ltr", (Segment(text),), "a.txt")
    units, _ = split_units(transcript, everything=True)
    assert " ".join(unit.text for unit in units) == text


@pytest.mark.parametrize(
    ("sentence", "abbreviation"), [("It is approx.", "approx."), ("He knew, e.g.", "e.g."), ("He left at 5 p.m.", "")]
)
def test_an_abbreviation_at_the_end_is_named(sentence: str, abbreviation: str) -> None:
    assert ends_with_abbreviation(sentence) == abbreviation


@pytest.mark.parametrize(
    ("code", "sentences"),
    [
        ("fr", ["Il mourut le 14 juil. 1827.", "Elle naquit à St. Malo."]),
        ("fr", ["Il vivait en 200 av. J.-C. à Paris.", "C'est tout."]),
        ("ru", ["Е. И. Носов родился на севере.", "Вес ок. 200 тонн."]),
        ("es", ["Mide aprox. 30 metros.", "Fin."]),
        ("pt", ["A Profa. Ana mora na av. Central n.º 5.", "Ela veio no séc. XIX."]),
        ("it", ["Vedi cfr. pag. 12.", "Poi basta."]),
        ("de", ["Es kostet 5 Euro zzgl. MwSt. im Laden.", "Gut."]),
        ("nl", ["Mevr. De Vries kwam.", "Zij zag hem."]),
        ("pl", ["To jest ok. 30 km stąd.", "Koniec."]),
        ("hi", ["डॉ. शर्मा गए।", "हाँ!"]),
        ("th", ["เกิด พ.ศ. 2414 ที่นี่"]),
        ("ar", ["جاء د. أحمد.", "ماذا؟"]),
        ("ko", ["1871. 5. 3. 에 지었다.", "끝."]),
    ],
)
def test_abbreviations_of_other_languages_end_no_sentence(code: str, sentences: list[str]) -> None:
    assert split_sentences(" ".join(sentences), code) == sentences


def test_a_word_that_is_an_abbreviation_elsewhere_ends_a_sentence() -> None:
    assert split_sentences("She lives in Main St. The doc. Nobody came.", "en")[-1] == "Nobody came."
