"""The words of German."""

from __future__ import annotations

from pressrun.services.reading.rules import Currency, LanguageRules, word_set

GERMAN = LanguageRules(
    code="de", decimal=",", thousands=".", point="Komma", minus="minus", percent="Prozent", to="bis", conjunction="und",
    months=(
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
    ),
    month_abbreviations={
        "jan.": 1, "feb.": 2, "apr.": 4, "jun.": 6, "jul.": 7, "aug.": 8, "sept.": 9, "okt.": 10, "nov.": 11,
        "dez.": 12,
    },
    currencies={
        "€": Currency(("ein Euro", "Euro"), ("ein Cent", "Cent")),
        "EUR": Currency(("ein Euro", "Euro"), ("ein Cent", "Cent")),
        "$": Currency(("ein Dollar", "Dollar"), ("ein Cent", "Cent")),
        "£": Currency(("ein Pfund", "Pfund")), "¥": Currency(("ein Yen", "Yen")),
        "CHF": Currency(("ein Franken", "Franken"), ("ein Rappen", "Rappen")),
    },
    units={
        "km": ("ein Kilometer", "Kilometer"), "m": ("ein Meter", "Meter"), "cm": ("ein Zentimeter", "Zentimeter"),
        "mm": ("ein Millimeter", "Millimeter"), "kg": ("ein Kilogramm", "Kilogramm"), "g": ("ein Gramm", "Gramm"),
        "mg": ("ein Milligramm", "Milligramm"), "l": ("ein Liter", "Liter"), "ml": ("ein Milliliter", "Milliliter"),
        "h": ("eine Stunde", "Stunden"), "Std.": ("eine Stunde", "Stunden"), "min": ("eine Minute", "Minuten"),
        "Min.": ("eine Minute", "Minuten"), "s": ("eine Sekunde", "Sekunden"), "Sek.": ("eine Sekunde", "Sekunden"),
        "km/h": ("ein Kilometer pro Stunde", "Kilometer pro Stunde"), "m²": ("ein Quadratmeter", "Quadratmeter"),
        "km²": ("ein Quadratkilometer", "Quadratkilometer"), "m³": ("ein Kubikmeter", "Kubikmeter"),
        "°C": ("ein Grad Celsius", "Grad Celsius"), "°": ("ein Grad", "Grad"), "MB": ("ein Megabyte", "Megabyte"),
        "GB": ("ein Gigabyte", "Gigabyte"), "kW": ("ein Kilowatt", "Kilowatt"),
        "kWh": ("eine Kilowattstunde", "Kilowattstunden"), "ha": ("ein Hektar", "Hektar"),
    },
    abbreviations={
        "Hr.": "Herr", "Hrn.": "Herrn", "Fr.": "Frau", "Dr.": "Doktor", "Prof.": "Professor", "z.B.": "zum Beispiel",
        "z. B.": "zum Beispiel", "d.h.": "das heißt", "d. h.": "das heißt", "u.a.": "unter anderem",
        "u. a.": "unter anderem", "usw.": "und so weiter", "bzw.": "beziehungsweise", "ca.": "circa",
        "evtl.": "eventuell", "ggf.": "gegebenenfalls", "inkl.": "inklusive", "vgl.": "vergleiche", "etc.": "et cetera",
        "z.T.": "zum Teil", "z. T.": "zum Teil", "s.o.": "siehe oben", "v.a.": "vor allem", "v. a.": "vor allem",
        "v.Chr.": "vor Christus", "v. Chr.": "vor Christus", "n.Chr.": "nach Christus", "n. Chr.": "nach Christus",
        "St.": "Sankt", "Str.": "Straße", "Tel.": "Telefon", "geb.": "geboren", "gest.": "gestorben",
        "Jh.": "Jahrhundert",
        "Mio.": "Millionen", "Mrd.": "Milliarden", "sog.": "sogenannte", "o.ä.": "oder ähnlich",
        "u.s.w.": "und so weiter",
    },
    numbered={
        "Nr.": "Nummer", "S.": "Seite", "Bd.": "Band", "Kap.": "Kapitel", "Abb.": "Abbildung", "Art.": "Artikel",
        "§": "Paragraf", "§§": "Paragrafen", "Abs.": "Absatz", "Tab.": "Tabelle",
    },
    symbols={
        "#": "Nummer",
        "&": "und", "+": "plus", "=": "gleich", "×": "mal", "÷": "geteilt durch", "±": "plus minus", "~": "etwa",
        "@": "at", "%": "Prozent", "°": "Grad", "/": "oder", "<": "kleiner als", ">": "größer als", "€": "Euro",
    },
    address={".": "Punkt", "/": "Schrägstrich", "-": "Strich", "_": "Unterstrich", "@": "at", "#": "Hashtag"},
    magnitudes={
        "Tausend": "tausend", "tausend": "tausend", "Million": "Million", "Millionen": "Millionen",
        "Mio.": "Millionen", "Milliarde": "Milliarde", "Milliarden": "Milliarden", "Mrd.": "Milliarden",
    },
    numerals_after=word_set("akt band buch kapitel phase szene tafel teil typ weltkrieg"),
    regnal="der {}", regnal_ordinal_limit=99, spaced_thousands=True, one="ein", hour="{} Uhr {}", full_hour="{} Uhr",
    hour_word="Uhr", halves={"½": "ein halb", "¼": "ein Viertel", "¾": "drei Viertel", "⅓": "ein Drittel"},
    starters=word_set("der die das ein eine er sie es wir ich und aber in im am auf für mit nach wenn als so"),
    ending=frozenset(["usw.", "etc.", "v.Chr.", "n.Chr.", "v. Chr.", "n. Chr.", "Str.", "Jh.", "o.ä.", "u.s.w."]),
)

ORDINAL_ENDINGS = {
    "n": word_set(
        "am vom zum im dem den beim des seit ab ihrem seinem ihren seinen diesem jedem einem einen vor nach "
        "zur"
    ),
    "": word_set("der die das jede diese jene"),
}
"""Ending of an ordinal after "-te", by the word before it; "r" otherwise."""
