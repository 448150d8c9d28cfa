"""Read numbers and what belongs to them: money, units, percents, ordinals, decades, ranges, fractions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pressrun.services.reading import numbers
from pressrun.services.reading.dates import say_year
from pressrun.services.reading.numbers import Number, make_feminine, parse_number, say_number
from pressrun.services.reading.rules import Currency, Forms, LanguageRules
from pressrun.services.reading.tokens import Token

_ORDINALS = {
    "en": re.compile(r"(\d[\d,]*)(?:st|nd|rd|th)", re.IGNORECASE), "es": re.compile(r"(\d+)\.?([ºª°]|er)"),
    "fr": re.compile(r"(\d+)(er|re|ère|e|ème|ᵉ|ᵉʳ)"), "it": re.compile(r"(\d+)([ºª°])"),
    "pt": re.compile(r"(\d+)\.?([ºª°])"),
    "hi": re.compile(r"(\d+)(?:वाँ|वां|वीं|वें)"),
}
_DECADE = re.compile(r"(\d{2}|\d{3}0)'?s")
_RANGE = re.compile(r"(.*\d.*?)\s?[-–—]\s?(\D?\d.*)")
_FRACTION = re.compile(r"([1-9])/([2-9]|10)")
_MIXED = re.compile(r"(\d*)([½¼¾⅓⅔⅛])")
_PHONE = re.compile(r"\+?\d{2,4}(?:[-.]\d{2,4}){1,4}")
MAX_PREPOSITION_LETTERS = 3
"""Letters of a word up to which it is probably not a noun."""
_TAIL = re.compile(r"([-−–]?[\d०-९][\d०-९.,]*)(\D+)")


def read_amount(tokens: Sequence[Token], at: int, rules: LanguageRules) -> Sequence[str] | None:
    """Return what is spoken for the number that begins at a word, one text per word; None if none does."""
    token = tokens[at]
    if token.core in rules.currencies and not token.trail and at + 1 < len(tokens):
        return _read_sign_and_number(tokens, at, rules)
    if not re.search(r"[\d०-९½¼¾⅓⅔⅛]", token.core):
        return None
    reading = _Amount(tokens, at, rules)
    said = reading.read(token.core)
    if said is None:
        return None
    return [token.lead + said[0], *said[1:]] if len(said) > 1 else [token.lead + said[0] + token.trail]


def _read_sign_and_number(tokens: Sequence[Token], at: int, rules: LanguageRules) -> list[str] | None:
    """Read a currency that is written before its number as a word of its own, e.g. "R$ 5"."""
    number = parse_number(tokens[at + 1].core, rules)
    if number is None:
        return None
    first, *rest = _Amount(tokens, at + 1, rules).read_money(number, rules.currencies[tokens[at].core])
    if rest:
        return ["", first, *rest]
    amount, _, unit = first.rpartition(" ")
    return [tokens[at].lead + amount, unit + tokens[at + 1].trail]


class _Amount:
    def __init__(self, tokens: Sequence[Token], at: int, rules: LanguageRules) -> None:
        self.tokens = tokens
        self.at = at
        self.rules = rules

    def read(self, core: str) -> list[str] | None:
        rules = self.rules
        if (money := self._money(core)) is not None:
            return money
        if (number := parse_number(core, rules)) is not None:
            return self._number(number)
        if rules.code == "en" and (height := re.fullmatch(r"(\d)['’′](\d{1,2})", core)):
            return [f"{numbers.say_whole(height[1], rules)} foot {numbers.say_whole(height[2], rules)}"]
        if core[0] == "§" and core[1:].isdecimal():
            return [f"{rules.numbered.get('§', '§')} {numbers.say_whole(core[1:], rules)}"]
        if core[0] == "#" and core[1:].isdecimal() and "#" in rules.symbols:
            return [f"{rules.symbols['#']} {numbers.say_whole(core[1:], rules)}"]
        if re.fullmatch(r"\d+(?:\.\d+){2,}", core):
            return [f" {rules.point} ".join(numbers.say_whole(piece, rules) for piece in core.split("."))]
        for read in (self._ordinal, self._decade, self._fraction, self._tail, self._range, self._compound):
            if (said := read(core)) is not None:
                return said
        return None

    def _following(self, ahead: int = 1) -> Token | None:
        """Return a word after the number, if no punctuation is between."""
        at = self.at + ahead
        if at < len(self.tokens) and not any(token.trail for token in self.tokens[self.at : at]):
            return self.tokens[at]
        return None

    def _number(self, number: Number) -> list[str]:
        """Read a number and the unit, currency or magnitude in the next words."""
        rules = self.rules
        merged, used = self._merge_thousands(number)
        following = self._following(used)
        silent = [""] * (used - 1)
        if following is None:
            if used > 1:
                silent[-1] = self.tokens[self.at + used - 1].trail
            return [self._plain(merged), *silent]
        key, trail = _strip_stop(following, rules.units)
        if key in rules.units and following.core not in rules.magnitudes:
            number_words, unit = _count(merged, rules.units[key], rules)
            next_core = self.tokens[self.at + used + 1].core if self.at + used + 1 < len(self.tokens) else ""
            trail = trail.removeprefix(".") if next_core[:1].islower() else trail
            return [number_words, *silent, unit + trail]
        key, trail = _strip_stop(following, rules.currencies)
        if key in rules.currencies:
            amount, unit = self._currency_words(merged, rules.currencies[key])
            return [amount, *silent, unit + trail]
        key, trail = _strip_stop(following, rules.magnitudes)
        if key in rules.magnitudes and not (len(key) == 1 and key in rules.units):
            said = [say_number(merged, rules, before_noun=True), *silent, rules.magnitudes[key] + trail]
            after = self.tokens[self.at + used + 1] if not trail and self.at + used + 1 < len(self.tokens) else None
            if after is not None and after.core in rules.currencies:
                link = f"{rules.money_of} " if rules.money_of else ""
                said.append(link + rules.currencies[after.core].forms[1] + after.trail)
            return said
        if following.core == "%":
            return [say_number(merged, rules), *silent, rules.percent + following.trail]
        return [self._plain(merged, before_noun=self._is_noun(following.core)), *silent]

    def _is_noun(self, following: str) -> bool:
        """Return whether the next word is probably what is counted."""
        rules, previous = self.rules, self.tokens[self.at - 1] if self.at else None
        before = previous.core.lower() if previous and not previous.trail else ""
        if not rules.one or len(following) <= MAX_PREPOSITION_LETTERS or before in rules.numerals_after:
            return False
        return following.isalpha() and (following.islower() or rules.code == "de") and following not in rules.starters

    def _plain(self, number: Number, *, before_noun: bool = False) -> str:
        if number.could_be_year:
            return say_year(number.whole, self.rules)
        return say_number(number, self.rules, before_noun=before_noun)

    def _merge_thousands(self, number: Number) -> tuple[Number, int]:
        """Return a number written with spaces between thousands, and of how many words it consists."""
        if not self.rules.spaced_thousands or len(number.whole) > 3 or number.decimals or number.whole[0] == "0":
            return number, 1
        whole, used = number.whole, 1
        while (following := self._following(used)) is not None and re.fullmatch(r"\d{3}", following.core):
            whole += following.core
            used += 1
        return (Number(whole, "", number.negative, grouped=True), used) if used > 1 else (number, 1)

    def _money(self, core: str) -> list[str] | None:
        """Read an amount with the sign of its currency before or after it, e.g. "$5 million" or "5€"."""
        rules = self.rules
        for sign in sorted(rules.currencies, key=len, reverse=True):
            if core.startswith(sign) and len(core) > len(sign):
                rest = core[len(sign) :]
            elif core.endswith(sign) and len(core) > len(sign):
                rest = core[: -len(sign)]
            else:
                continue
            currency = rules.currencies[sign]
            if (number := parse_number(rest, rules)) is not None:
                return self.read_money(number, currency)
            found = re.fullmatch(r"([\d.,]+)([A-Za-z]+)", rest)
            if found and found[2] in rules.magnitudes and (number := parse_number(found[1], rules)):
                link = f" {rules.money_of} " if rules.money_of else " "
                said = f"{say_number(number, rules)} {rules.magnitudes[found[2]]}{link}{currency.forms[1]}"
                return [said]
            if found := _RANGE.fullmatch(rest):
                ends = [parse_number(each.removeprefix(sign), rules) for each in found.groups()]
                if ends[0] and ends[1]:
                    first, second = (say_number(each, rules) for each in ends if each)
                    return [f"{first} {rules.to} {second} {currency.forms[1]}"]
        return None

    def read_money(self, number: Number, currency: Currency) -> list[str]:
        """Return the words for an amount, and for a magnitude in the next word."""
        rules, following = self.rules, self._following()
        if following is not None and len(following.core) > 1:
            key, trail = _strip_stop(following, rules.magnitudes)
            if key in rules.magnitudes:
                link = f"{rules.money_of} " if rules.money_of else ""
                magnitude = f"{rules.magnitudes[key]} {link}{currency.forms[1]}{trail}"
                return [say_number(number, rules, before_noun=True), magnitude]
        return [" ".join(self._currency_words(number, currency))]

    def _currency_words(self, number: Number, currency: Currency) -> list[str]:
        """Return the words for the number, and those for the currency and its cents."""
        rules = self.rules
        cents = int(number.decimals.ljust(2, "0")) if len(number.decimals) in (1, 2) else 0
        if number.decimals and (currency.cents is None or len(number.decimals) > 2):
            return list(_count(number, currency.forms, rules))
        whole = Number(number.whole, "", number.negative, number.grouped)
        amount = _count(whole, currency.forms, rules)
        if not cents or currency.cents is None:
            return list(amount)
        small = " ".join(_count(Number(str(cents)), currency.cents, rules))
        if number.value == 0:
            return [small, ""]
        return [amount[0], f"{amount[1]} {rules.conjunction} {small}"]

    def _ordinal(self, core: str) -> list[str] | None:
        rules = self.rules
        found = _ORDINALS[rules.code].fullmatch(core) if rules.code in _ORDINALS else None
        if found is None:
            return None
        value = int(found[1].replace(",", ""))
        said = numbers.say_integer(value, rules.code, "ordinal")
        mark = found[2] if found.re.groups > 1 else ""
        if mark == "ª":
            said = re.sub(r"o\b", "a", said)
        elif rules.code == "es" and (mark == "er" or ((after := self._following()) and after.core[:1].islower())):
            said = re.sub(r"(primer|tercer)o$", r"\1", said)
        elif mark in ("re", "ère"):
            said = re.sub("premier$", "première", said)
        return [said]

    def _decade(self, core: str) -> list[str] | None:
        found = _DECADE.fullmatch(core) if self.rules.code == "en" else None
        if found is None:
            return None
        if len(found[1]) == 4 and int(found[1]) % 1000 == 0:
            return [f"{numbers.say_integer(int(found[1]) // 1000, 'en')} thousands"]
        said = numbers.say_integer(int(found[1]), "en", "year" if len(found[1]) == 4 else "cardinal")
        if not said.endswith("y"):
            return [f"{said}s"]
        return [f"{said[:-1]}ies"]

    def _fraction(self, core: str) -> list[str] | None:
        rules = self.rules
        if found := _MIXED.fullmatch(core):
            part = rules.halves.get(found[2], "")
            if not part:
                return None
            return [f"{numbers.say_whole(found[1], rules)} {rules.conjunction} {part}" if found[1] else part]
        if found := _FRACTION.fullmatch(core):
            sign = {("1", "2"): "½", ("1", "4"): "¼", ("3", "4"): "¾", ("1", "3"): "⅓", ("2", "3"): "⅔"}.get(
                (found[1], found[2]), ""
            )
            return [rules.halves[sign]] if sign in rules.halves else None
        return None

    def _tail(self, core: str) -> list[str] | None:
        """Read a number with its unit, percent sign or magnitude attached, e.g. "5km" or "3M"."""
        rules = self.rules
        found = _TAIL.fullmatch(core)
        number = parse_number(found[1], rules) if found else None
        if found is None or number is None:
            return None
        tail = found[2]
        if tail == "%":
            return [f"{say_number(number, rules)} {rules.percent}"]
        if tail in rules.units:
            return [" ".join(_count(number, rules.units[tail], rules))]
        if tail in rules.magnitudes:
            return [f"{say_number(number, rules)} {rules.magnitudes[tail]}"]
        return None

    def _range(self, core: str) -> list[str] | None:
        """Read a range such as "1914–1918" or "5-10%"; a phone number is read digit by digit."""
        rules = self.rules
        if (_PHONE.fullmatch(core) and core.count("-") + core.count(".") > 1) or re.fullmatch(r"\d{3}-\d{4}", core):
            groups = re.findall(r"\d+", core)
            return [", ".join(numbers.say_digits(group, rules) for group in groups)]
        found = _RANGE.fullmatch(core)
        if found is None:
            return None
        first = parse_number(found[1], rules)
        if first is None:
            return None
        if (second := parse_number(found[2], rules)) is not None:
            if first.could_be_year and len(second.whole) == 2 and not second.decimals:
                end = numbers.say_whole(second.whole.lstrip("0") or "0", rules)
                return [f"{self._plain(first)} {rules.to} {end}"]
            said = self._number(second)
            said[0] = f"{self._plain(first)} {rules.to} {said[0]}"
            return said
        said_tail = self._tail(found[2])
        return [f"{self._plain(first)} {rules.to} {said_tail[0]}"] if said_tail else None

    def _compound(self, core: str) -> list[str] | None:
        """Read the numbers within a word, e.g. "20-year-old", "mid-1980s" or "3:1"."""
        if not re.fullmatch(r"[^\W_]+(?:[-:/×x][^\W_]+)+", core):
            return None
        pieces = re.split(r"([-:/×])", core)
        said = []
        for piece in pieces:
            if piece in ("-", ":", "/", "×"):
                said.append("-" if piece == "-" else f" {self.rules.symbols['×']} " if piece == "×" else " ")
            elif piece[:1].isdecimal():
                alone = self._ordinal(piece) or self._decade(piece)
                number = parse_number(piece, self.rules)
                said.append(alone[0] if alone else self._plain(number) if number else piece)
            else:
                said.append(piece)
        return ["".join(said)]


def _count(number: Number, forms: Forms, rules: LanguageRules) -> tuple[str, str]:
    """Return the words for a number and for what is counted."""
    if number.is_one:
        first, _, rest = forms[0].partition(" ")
        return first, rest
    said = say_number(number, rules, before_noun=True)
    feminine = forms[0].startswith(("una ", "une ", "uma "))
    return make_feminine(said, rules.code) if feminine else said, forms[1]


def _strip_stop(token: Token, known: object) -> tuple[str, str]:
    """Return the key of a word in a table, with its full stop if it is part of the key, and the rest of its trail."""
    if token.trail.startswith(".") and f"{token.core}." in known:  # type: ignore[operator]
        return f"{token.core}.", token.trail[1:]
    return token.core, token.trail
