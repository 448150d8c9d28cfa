"""Define what the reading of a text needs to know about a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def word_set(text: str) -> frozenset[str]:
    """Return the words of `text`."""
    return frozenset(text.split())


Forms = tuple[str, str]
"""How one and how several are said, e.g. ("one dollar", "dollars"); the first form includes the number."""


@dataclass(frozen=True)
class Currency:
    """A currency; `cents` is empty if it has no smaller unit."""

    forms: Forms
    cents: Forms | None = None


@dataclass(frozen=True)
class LanguageRules:
    """The words of one language for what is written with digits, signs or abbreviations."""

    code: str
    decimal: str
    """The decimal mark."""
    thousands: str
    """The mark between thousands."""
    point: str
    """The decimal mark as a word."""
    minus: str
    percent: str
    to: str
    """Between the two ends of a range."""
    conjunction: str
    """Between whole and smaller units, e.g. "five dollars and ten cents"."""
    months: tuple[str, ...]
    currencies: Mapping[str, Currency]
    units: Mapping[str, Forms]
    abbreviations: Mapping[str, str]
    """As written, with full stops, to the spoken words."""
    numbered: Mapping[str, str]
    """Abbreviations that are only read before a number, e.g. "p."."""
    symbols: Mapping[str, str]
    address: Mapping[str, str]
    """The words for ".", "/", "-", "_", "@" and "#" in addresses."""
    magnitudes: Mapping[str, str]
    """Words and letters after a number to the spoken word, e.g. "million", "bn"."""
    numerals_after: frozenset[str] = frozenset()
    """Words in lower case whose Roman numeral is a number, e.g. "chapter"."""
    regnal: str = "{}"
    """How a Roman numeral after the name of a ruler is said; {} is the number."""
    regnal_ordinal_limit: int = 0
    """The highest Roman numeral after the name of a ruler that is an ordinal."""
    month_abbreviations: Mapping[str, int] = field(default_factory=dict)
    money_of: str = ""
    """Between a magnitude and a currency, e.g. "de" in "millones de euros"."""
    fraction_as_number: bool = False
    """Whether two decimals are one number, e.g. "virgule vingt-cinq"."""
    spaced_thousands: bool = False
    """Whether 10 000 is one number."""
    month_first: bool = False
    """Whether 5/3/1984 is in May."""
    one: str = ""
    """The number one before a noun, if that differs from counting."""
    hour: str = "{} {}"
    """How a time is said; {} are hours and minutes."""
    full_hour: str = "{}"
    hour_word: str = ""
    """A word after a time that is already part of `hour`, e.g. "Uhr"."""
    halves: Mapping[str, str] = field(default_factory=dict)
    """Fractions as written to their words."""
    starters: frozenset[str] = frozenset()
    """Words that begin a sentence: a full stop before them ends one even after an abbreviation."""
    ending: frozenset[str] = frozenset()
    """Abbreviations that may end a sentence."""


RULERS = word_set(
    "albert alexander alexandre alfonso alfred benedict benedikt benito bonifacio carlos carlo catherine "
    "caterina catalina charles christian clemens clement clemente constantine edward eduard eduardo "
    "elisabeth elizabeth isabel elisabetta enrico enrique ferdinand fernando felipe filippo francis "
    "francisco francesco franz françois frederick friedrich georg george georges giorgio giovanni gregor "
    "gregory gregorio grégoire guillaume gustav heinrich henri henry henrique innocent innocenzo ivan "
    "jaime james jacques jean johann johannes john jorge joseph joão juan julius karl katharina leo "
    "leopold louis ludwig luigi luis luís margaret maria mary maximilian napoleon napoléon napoleone "
    "napoleão nicholas nicolas nicola nikolaus otto paul paulo paolo pablo pedro peter pierre pio pius "
    "pie philip philipp philippe ramses richard rudolf sixtus stephen umberto urban victor victoria "
    "vittorio wilhelm william"
)
"""First names of rulers and popes, in lower case."""
