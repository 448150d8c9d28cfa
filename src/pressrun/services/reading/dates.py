"""Read dates and times: "May 3, 1984", "3. Mai 1984", "1984-05-03", "10:30"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pressrun.services.reading import numbers
from pressrun.services.reading.german import ORDINAL_ENDINGS
from pressrun.services.reading.rules import LanguageRules
from pressrun.services.reading.tokens import Token

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.?[ºª°]|er)?", re.IGNORECASE)
_TIME = re.compile(r"([01]?\d|2[0-4])[:h]([0-5]\d)")
_HOUR = re.compile(r"([01]?\d|2[0-4])h")
_MERIDIEM = re.compile(r"([ap])\.?m\.?", re.IGNORECASE)
_TIME_MERIDIEM = re.compile(r"(1[0-2]|0?\d)(?::([0-5]\d))?([ap])\.?m", re.IGNORECASE)


def read_date(tokens: Sequence[Token], at: int, rules: LanguageRules) -> Sequence[str] | None:
    """Return what is spoken for the date or time that begins at a word, one text per word; None if none does."""
    token = tokens[at]
    for read in (_read_numeric, _read_month, _read_day, _read_time):
        if (said := read(tokens, at, rules)) is not None:
            return [token.lead + said[0], *said[1:]]
    return None


def say_year(digits: str, rules: LanguageRules) -> str:
    """Return a year in words."""
    year = int(digits)
    if rules.code == "en" and 2000 < year < 2010:
        return f"two thousand {numbers.say_integer(year - 2000, 'en')}"
    return numbers.say_integer(year, rules.code, "year")


def _read_numeric(tokens: Sequence[Token], at: int, rules: LanguageRules) -> list[str] | None:
    token = tokens[at]
    if found := _ISO.fullmatch(token.core):
        year, month, day = found[1], int(found[2]), int(found[3])
    elif found := _NUMERIC.fullmatch(token.core):
        first, second, year = int(found[1]), int(found[3]), found[4]
        day, month = (second, first) if rules.month_first and found[2] == "/" and first <= 12 else (first, second)
        if month > 12 >= day:
            day, month = month, day
    else:
        return None
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    name, said_year = rules.months[month - 1], say_year(year, rules)
    said_day = _say_day(day, rules, tokens[at - 1].core if at else "")
    if rules.code == "en":
        return [f"{name} {said_day}, {said_year}{token.trail}"]
    link = " de " if rules.code in ("es", "pt") else " "
    return [f"{said_day}{link}{name}{link}{said_year}{token.trail}"]


def _read_month(tokens: Sequence[Token], at: int, rules: LanguageRules) -> list[str] | None:
    """Read an English date: a month, and the day and year after it."""
    token = tokens[at]
    month = _month(tokens, at, rules)
    if rules.code != "en" or not month or at + 1 == len(tokens):
        return None
    following = tokens[at + 1]
    name = rules.months[month - 1] + _month_trail(token, rules)
    short = token.core + "." if token.trail.startswith(".") else ""
    day = _DAY.fullmatch(following.core)
    if day and 1 <= int(day[1]) <= 31 and not name.endswith((",", ".", "!", "?")):
        return [name, numbers.say_integer(int(day[1]), "en", "ordinal") + following.trail]
    if short.lower() in rules.month_abbreviations:
        return [name]
    return None


def _read_day(tokens: Sequence[Token], at: int, rules: LanguageRules) -> list[str] | None:
    """Read a day that stands before its month."""
    token = tokens[at]
    found = _DAY.fullmatch(token.core)
    if found is None or not 1 <= int(found[1]) <= 31:
        return None
    day, code = int(found[1]), rules.code
    before = tokens[at - 1].core if at else ""
    if code == "de":
        if token.trail != "." or at + 1 == len(tokens):
            return None
        if _month(tokens, at + 1, rules):
            name = rules.months[_month(tokens, at + 1, rules) - 1] + _month_trail(tokens[at + 1], rules)
            return [_say_day(day, rules, before), name]
        if tokens[at + 1].core[:1].isupper() and any(before.lower() in words for words in ORDINAL_ENDINGS.values()):
            return [_say_day(day, rules, before)]
        return None
    if token.trail:
        return None
    month_at = at + 2 if code in ("es", "pt") and at + 2 < len(tokens) and tokens[at + 1].core == "de" else at + 1
    if month_at >= len(tokens) or not (month := _month(tokens, month_at, rules)):
        return None
    name = rules.months[month - 1] + _month_trail(tokens[month_at], rules)
    if code == "en":
        said = numbers.say_integer(day, "en", "ordinal")
        return [said if before.lower() == "the" else f"the {said}", f"of {name}"]
    return [_say_day(day, rules, before), *(token.text for token in tokens[at + 1 : month_at]), name]


def _say_day(day: int, rules: LanguageRules, before: str) -> str:
    if rules.code == "en":
        return numbers.say_integer(day, "en", "ordinal")
    if rules.code == "de":
        said = numbers.say_integer(day, "de", "ordinal")
        ending = next((end for end, words in ORDINAL_ENDINGS.items() if before.lower() in words), "r")
        return said + ending
    if day == 1 and rules.code != "hi":
        return {"es": "primero", "fr": "premier", "it": "primo", "pt": "primeiro"}[rules.code]
    return numbers.say_integer(day, rules.code)


def _month(tokens: Sequence[Token], at: int, rules: LanguageRules) -> int:
    """Return the number of the month that a word names, or 0."""
    token = tokens[at]
    short = rules.month_abbreviations.get(f"{token.core}.".lower(), 0) if token.trail.startswith(".") else 0
    if not token.trail and at + 1 < len(tokens) and tokens[at + 1].core[:1].isdecimal():
        short = rules.month_abbreviations.get(f"{token.core}.".lower(), 0)
    names = [name.lower() for name in rules.months]
    if token.core.lower() in names and (token.core[:1].isupper() or rules.code not in ("en", "de")):
        return names.index(token.core.lower()) + 1
    return short if token.core[:1].isupper() else 0


def _month_trail(token: Token, rules: LanguageRules) -> str:
    short = token.trail.startswith(".") and f"{token.core}.".lower() in rules.month_abbreviations
    return token.trail[1:] if short else token.trail


def _read_time(tokens: Sequence[Token], at: int, rules: LanguageRules) -> list[str] | None:
    token = tokens[at]
    following = tokens[at + 1] if at + 1 < len(tokens) and not token.trail else None
    if rules.code == "en":
        if found := _TIME_MERIDIEM.fullmatch(token.core):
            trail = token.trail[1:] if token.trail.startswith(".") and "." in token.core else token.trail
            return [f"{_say_english_time(found[1], found[2] or '', short=True)} {found[3].upper()}M{trail}"]
        found = _TIME.fullmatch(token.core)
        if following and _MERIDIEM.fullmatch(following.core + "." * following.trail.startswith(".")):
            hour = found[1] if found else token.core
            if hour.isdecimal() and 1 <= int(hour) <= 12:
                return [_say_english_time(hour, found[2] if found else "", short=True)]
        if found is None or ":" not in token.core:
            return None
        return [_say_english_time(found[1], found[2], short=False) + token.trail]
    found = _TIME.fullmatch(token.core)
    if found is None:
        only = _HOUR.fullmatch(token.core) if rules.hour_word else None
        return [rules.full_hour.format(_hour(only[1], rules)) + token.trail] if only else None
    hour, minutes = _hour(found[1], rules), int(found[2])
    said = rules.full_hour.format(hour)
    if minutes:
        said = rules.hour.format(hour, numbers.say_integer(minutes, rules.code))
    if rules.hour_word and following and following.core in (rules.hour_word, "h"):
        return [said, following.trail]
    return [said + token.trail]


def _hour(digits: str, rules: LanguageRules) -> str:
    said = numbers.say_integer(int(digits), rules.code)
    if rules.code == "fr" and said.endswith("un"):
        return said + "e"
    return numbers.shorten_one(said, rules) if rules.code == "de" else said


def _say_english_time(hour: str, minutes: str, *, short: bool) -> str:
    said = numbers.say_integer(int(hour), "en")
    if not minutes or minutes == "00":
        return said if short else f"{said} o'clock"
    return f"{said} {'oh ' if minutes[0] == '0' else ''}{numbers.say_integer(int(minutes), 'en')}"
