"""A text is read the way a person would, in each language with rules."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.size import examples

from pressrun.services.reading import RULES, read_text, spoken_text
from pressrun.services.reading.numbers import parse_roman, say_integer

ENGLISH = {
    # numbers
    "He has 3 of 1,234,567.":
        "He has three of one million two hundred and thirty-four thousand five hundred and sixty-seven.",
    "3.25 and -5 and −0.5": "three point two five and minus five and minus zero point five",
    "agent 007": "agent zero zero seven",
    "version 2.0.1": "version two point zero point one",
    "24/7 and 9/11": "twenty-four seven and nine eleven",
    "the 19th century": "the nineteenth century",
    "½ cup, 1½ cups and 3/4 of it": "a half cup, one and a half cups and three quarters of it",
    "a 20-year-old": "a twenty-year-old",
    "call 555-1234": "call five five five, one two three four",
    "No. 5 and #1": "number five and number one",
    "pp. 3-5, 16:9": "pages three to five, sixteen nine",
    # years
    "In 1984, not 1905 or 2000.": "In nineteen eighty-four, not nineteen oh five or two thousand.",
    "2005 and 2024": "two thousand five and twenty twenty-four",
    "1914–1918": "nineteen fourteen to nineteen eighteen",
    "the 1980s, '90s and mid-1920s": "the nineteen eighties, 'nineties and mid-nineteen twenties",
    # money
    "$5, $1, $5.50 and $0.99": "five dollars, one dollar, five dollars and fifty cents and ninety-nine cents",
    "It cost $5 million.": "It cost five million dollars.",
    "£3bn or €1,250.75": "three billion pounds or one thousand two hundred and fifty euros and seventy-five cents",
    "$5-$10, ¥500": "five to ten dollars, five hundred yen",
    # dates and times
    "On May 3, 1984 he left.": "On May third, nineteen eighty-four he left.",
    "3 May 1921": "the third of May nineteen twenty-one",
    "Jan. 5th was cold": "January fifth was cold",
    "12/25/2024 or 2024-05-03": "December twenty-fifth, twenty twenty-four or May third, twenty twenty-four",
    "10:30 a.m., 7:05 and 9:00": "ten thirty AM, seven oh five and nine o'clock",
    # units
    "5 km at 20°C": "five kilometers at twenty degrees Celsius",
    "1 kg, 5km/h, 6 ft. tall": "one kilogram, five kilometers per hour, six feet tall",
    "50% or 3.5 %": "fifty percent or three point five percent",
    # abbreviations and initials
    "Dr. Smith met Mrs. Jones.": "Doctor Smith met Missus Jones.",
    "Main St. is near St. James.": "Main Street is near Saint James.",
    "apples, pears, etc. The end": "apples, pears, et cetera. The end",
    "e.g. this, i.e. that": "for example this, that is that",
    "J. R. R. Tolkien, J.R.R. Tolkien": "J. R. R. Tolkien, J. R. R. Tolkien",
    "the U.S. army, NASA and AT&T": "the U.S. army, NASA and AT&T",
    "and/or he/she, salt & pepper": "and or he or she, salt and pepper",
    # Roman numerals
    "Louis XIV and Henry VIII's wife": "Louis the fourteenth and Henry the eighth's wife",
    "World War II, Chapter IV, Vol. II": "World War two, Chapter four, Volume two",
    "Elizabeth I. When George I met": "Elizabeth the first. When George I met",
    "I saw a CD and a DVD": "I saw a CD and a DVD",
    "No. I will not. The part I like": "No. I will not. The part I like",
    "World War I was": "World War one was",
    # joined words, markup
    "In 1984—when he left—2.5%—a lot": "In nineteen eighty-four—when he left—two point five percent—a lot",
    "# Heading / verse, I/O": "Heading verse, I O",
    "on Jan 5, a 6'2\" man, §5": "on January fifth, a six foot two\" man, section five",
    # addresses, emoji, other scripts
    "See https://www.example.com/a-b?x=1.": "See example dot com slash a dash b.",
    "Mail me@site.org": "Mail me at site dot org",
    "Good 👍 morning ❤️": "Good morning",
    "a → b": "a to b",
    "“Война и мир”": "“Voyna i mir”",
    "déjà vu, café": "déjà vu, café",
}
SPANISH = {
    "El 3 de mayo de 1984 el Sr. López pagó 5 €.":
        "El tres de mayo de mil novecientos ochenta y cuatro el señor López pagó cinco euros.",
    "21 libros y 31 días": "veintiún libros y treinta y un días",
    "21 £": "veintiuna libras",
    "Luis XIV y Felipe II, siglo XIX": "Luis catorce y Felipe segundo, siglo diecinueve",
    "3,5 % de 1.234.567":
        "tres coma cinco por ciento de un millón doscientos treinta y cuatro mil quinientos sesenta y siete",
    "10 000 personas": "diez mil personas",
    "$5 millones": "cinco millones de dólares",
    "1.ª vez": "primera vez",
    "p. ej. en EE. UU. hoy": "por ejemplo en Estados Unidos hoy",
}
FRENCH = {
    "Le 1er mai 1984, M. Dupont a payé 5,50 €.":
        "Le premier mai mille neuf cent quatre-vingt-quatre, Monsieur Dupont a payé cinq euros et cinquante centimes.",
    "à 10h30": "à dix heures trente",
    "21 h, 10 000 pages": "vingt et une heures, dix mille pages",
    "Louis XIV au XIXe siècle": "Louis quatorze au dix-neuvième siècle",
    "François Ier": "François premier",
    "n° 5, 3,14": "numéro cinq, trois virgule quatorze",
    "5 millions d'euros": "cinq millions d'euros",
}
GERMAN = {
    "Am 3. Mai 1984 zahlte Hr. Müller 5,50 €.":
        "Am dritten Mai neunzehnhundertvierundachtzig zahlte Herr Müller fünf Euro und fünfzig Cent.",
    "Ludwig XIV. war der 3. Sohn": "Ludwig der vierzehnte war der dritte Sohn",
    "im 19. Jahrhundert": "im neunzehnten Jahrhundert",
    "um 10:30 Uhr": "um zehn Uhr dreißig",
    "z. B. 21 km": "zum Beispiel einundzwanzig Kilometer",
    "5 Mio. Euro, 1 Kilo, 2,5 %": "fünf Millionen Euro, ein Kilo, zwei Komma fünf Prozent",
    "Er kaufte 3. Dann ging er.": "Er kaufte drei. Dann ging er.",
}
ITALIAN = {
    "Il 1º maggio 1984 il sig. Rossi pagò 5,50 €.":
        "Il primo maggio millenovecentottantaquattro il signor Rossi pagò cinque euro e cinquanta centesimi.",
    "Luigi XIV nel XIX secolo": "Luigi quattordicesimo nel diciannovesimo secolo",
    "1.000.000 di libri, 1 libro": "un milione di libri, un libro",
}
PORTUGUESE = {
    "Em 3 de maio de 1984, o Sr. Silva pagou R$ 5,50.":
        "Em três de maio de mil novecentos e oitenta e quatro, o senhor Silva pagou cinco reais e cinquenta centavos.",
    "século XIX, 1º de maio": "século dezenove, primeiro de maio",
    "R$5 milhões": "cinco milhões de reais",
}
HINDI = {
    "1984 में 25 लोग थे।": "उन्नीस सौ चौरासी में पच्चीस लोग थे।",
    "₹1,00,000 और 3.5%": "एक लाख रुपये और तीन दशमलव पाँच प्रतिशत",
    "२५ किमी, डॉ. शर्मा": "पच्चीस किलोमीटर, डॉक्टर शर्मा",
    "10:30 बजे": "दस बजकर तीस मिनट",
    "पक्\u200dका 👨\u200d👩 घर": "पक्\u200dका घर",
}
SIGNS = "0123456789.,:;-–—/'’$€£%°§#@&+~ªº½²^()[]\"IVXLCDMabhkmprstz२ि  "
TABLES = {"en": ENGLISH, "es": SPANISH, "fr": FRENCH, "de": GERMAN, "it": ITALIAN, "pt": PORTUGUESE, "hi": HINDI}
CASES = [(code, written, spoken) for code, table in TABLES.items() for written, spoken in table.items()]


@pytest.mark.parametrize(("code", "written", "spoken"), CASES)
def test_a_text_is_spoken_as_a_person_would_say_it(code: str, written: str, spoken: str) -> None:
    assert spoken_text(written, code) == spoken
    assert [word.text for word in read_text(written, code)] == written.split()


def test_every_language_with_rules_has_a_table() -> None:
    assert TABLES.keys() == RULES.keys()


@pytest.mark.parametrize("code", sorted(RULES))
@pytest.mark.parametrize(
    "text",
    [
        "", "…", "-", "—", "(", "$", "%", "#", "@", "1", "A", "I", "0", "00", "1/0", "1/2/3", "$$5", "5$$", "1.2.3.4",
        "1,2", "9" * 40, "IIII", "a.b.c", "http://", "@@", "1-", "-1", "--1", "1--2", "12:99", "99:99", "45 May",
        "May 99", "31.02.", "2024-13-45", "1e9", "½½", "5'10\"", "R$", "€ €", "& &", "/", "a/b/c", "XIV", "M.", "Mr.",
        "No.", "p.", "St.", "k", "5 k", "1 1 1", "100 000 000 000 000 000", "٣", "①", "²", "5²", "𝟓", "1\u00a0000",
        "e.g.", "z. B.", "\u200b", "👍",
    ],
)
def test_no_text_breaks_the_reading(code: str, text: str) -> None:
    read = read_text(text, code)
    assert [word.text for word in read] == text.split()
    assert spoken_text(f"{text} {text}", code) is not None


@given(st.text(st.sampled_from(SIGNS), max_size=20), st.sampled_from(sorted(RULES)))
@settings(max_examples=examples(400), deadline=None)
@example("§828²", "fr")
def test_any_signs_and_digits_can_be_read(text: str, code: str) -> None:
    assert [word.text for word in read_text(text, code)] == text.split()


def test_words_without_rules_stay_as_they_are() -> None:
    text = "The hut stood beside the pond; nobody came, and he wrote: “Simplify!”"
    assert spoken_text(text, "en") == text
    assert spoken_text("1984年", "ja") == "1984年"
    assert spoken_text("In 1984", "xx") == "In 1984"


def test_a_hindi_number_below_a_hundred_has_its_own_word() -> None:
    assert len({say_integer(number, "hi") for number in range(100)}) == 100


@pytest.mark.parametrize(
    ("text", "value"), [("XIV", 14), ("MCMLXXXIV", 1984), ("IIX", 0), ("VX", 0), ("", 0), ("iv", 0)]
)
def test_only_a_valid_roman_numeral_has_a_value(text: str, value: int) -> None:
    assert parse_roman(text) == value
