"""Say numbers in words: cardinals, ordinals, years, decimals and digits, in the languages with rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pressrun.services.reading import hindi
from pressrun.services.reading.rules import LanguageRules

Kind = Literal["cardinal", "ordinal", "year"]

MAX_DIGITS = 15
"""Digits of a whole number above which it is read digit by digit."""
YEARS = range(1100, 2100)
_DIALECTS = {"pt": "pt_BR"}
_DEVANAGARI = str.maketrans("०१२३४५६७८९", "0123456789")
_ROMAN = re.compile(r"(?=.)M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


@dataclass(frozen=True)
class Number:
    """A number as written: its digits before and after the decimal mark, and whether it has marks of thousands."""

    whole: str
    decimals: str = ""
    negative: bool = False
    grouped: bool = False

    @property
    def value(self) -> int:
        """Return the whole part."""
        return int(self.whole)

    @property
    def is_one(self) -> bool:
        """Return whether it is exactly one."""
        return self.value == 1 and not self.decimals and not self.negative

    @property
    def could_be_year(self) -> bool:
        """Return whether it is written like a year."""
        plain = not self.decimals and not self.negative and not self.grouped and len(self.whole) == 4
        return plain and self.value in YEARS


def parse_number(text: str, rules: LanguageRules) -> Number | None:
    """Return the number that all of `text` is, as written in the language; None for anything else."""
    text = text.translate(_DEVANAGARI)
    negative = text[:1] in "-−–" if len(text) > 1 else False
    text = text[1:] if negative else text
    mark, group = re.escape(rules.decimal), re.escape(rules.thousands)
    if re.fullmatch(r"[0-9]+", text):
        return Number(text, "", negative)
    if re.fullmatch(rf"[0-9]{{1,3}}(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}(?:{mark}[0-9]+)?", text):
        whole, _, decimals = text.replace(rules.thousands, "").partition(rules.decimal)
        return Number(whole, decimals, negative, grouped=True)
    # A language with a decimal comma still has versions and prices with a point, e.g. "2.5".
    for each in (rules.decimal, "."):
        if found := re.fullmatch(rf"([0-9]*){re.escape(each)}([0-9]+)", text):
            return Number(found[1] or "0", found[2], negative)
    return None


def parse_roman(text: str) -> int:
    """Return the value of a Roman numeral in capitals, or 0."""
    if not text or not _ROMAN.fullmatch(text):
        return 0
    values = [_ROMAN_VALUES[each] for each in text]
    following = [*values[1:], 0]
    return sum(-a if a < b else a for a, b in zip(values, following, strict=True))


def say_number(number: Number, rules: LanguageRules, *, before_noun: bool = False) -> str:
    """Return a number in words."""
    sign = f"{rules.minus} " if number.negative else ""
    if not number.decimals:
        return sign + say_whole(number.whole, rules, before_noun=before_noun)
    tail = number.decimals
    if rules.fraction_as_number and len(tail) <= 2 and tail[0] != "0":
        fraction = say_integer(int(tail), rules.code)
    else:
        fraction = say_digits(tail, rules)
    return f"{sign}{say_whole(number.whole, rules)} {rules.point} {fraction}"


def say_whole(digits: str, rules: LanguageRules, *, before_noun: bool = False) -> str:
    """Return whole digits in words: one by one if they begin with a zero, like a code, or are too many."""
    if len(digits) > MAX_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        return say_digits(digits, rules)
    said = say_integer(int(digits), rules.code)
    return shorten_one(said, rules) if before_noun else said


def shorten_one(said: str, rules: LanguageRules) -> str:
    """Return a cardinal as it is said before a masculine noun, e.g. "veintiún" for "veintiuno"."""
    if rules.code == "es":
        return re.sub(r"veintiuno$", "veintiún", re.sub(r"(?<!veinti)\buno$", "un", said))
    if rules.one and said in ("uno", "eins"):
        return rules.one
    return said


def make_feminine(said: str, code: str) -> str:
    """Return a cardinal as it is said before a feminine noun, e.g. "vingt et une"."""
    if code == "fr":
        return re.sub(r"\bun$", "une", said)
    if code == "es":
        return re.sub(r"cientos\b", "cientas", re.sub(r"(?:ún|\bun|uno)$", "una", said))
    if code == "pt":
        said = re.sub(r"\bum$", "uma", re.sub(r"\bdois$", "duas", said))
        return re.sub(r"(duz|trez|quatroc|quinh|seisc|setec|oitoc|novec)entos\b", r"\1entas", said).replace(
            "quinhentos", "quinhentas"
        )
    return said


def say_digits(digits: str, rules: LanguageRules) -> str:
    """Return digits one by one."""
    return " ".join(say_integer(int(each), rules.code) for each in digits)


@lru_cache(maxsize=4096)
def say_integer(number: int, code: str, kind: Kind = "cardinal") -> str:
    """Return a whole number in words, e.g. "nineteen eighty-four" for a year."""
    if code == "hi":
        return {"cardinal": hindi.cardinal, "ordinal": hindi.ordinal, "year": hindi.year}[kind](number)
    from num2words import num2words

    said = str(num2words(number, lang=_DIALECTS.get(code, code), to=kind)).replace(",", "")
    return " ".join(said.replace("oh-", "oh ").split())
