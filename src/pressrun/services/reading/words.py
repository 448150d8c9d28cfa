"""Apply the rules of a language to the words of a text, from left to right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from pressrun.services.reading import dates, numbers
from pressrun.services.reading.amounts import read_amount
from pressrun.services.reading.rules import RULERS, LanguageRules, word_set
from pressrun.services.reading.tokens import ReadWord, split_token

_ADDRESS = re.compile(
    r"(?:https?://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|edu|gov|info|app|tv|eu|uk|de|fr|es|it|br|in|us)(?:/\S*)?)"
)
_HANDLE = re.compile(r"[#@][^\W\d]\w*")
MAX_PATH_CHARS = 30
"""Characters of the path of an address above which only its host is read."""
LONE_MARKS = frozenset(["#", "/", "<", ">", "~"])
"""Signs between words that are markup or the end of a line of verse, unless they are between numbers."""
_NOT_NUMERALS = word_set("CD MD DC CV MC DI MI LI CC MM MIX DM CL XXX VI XX")
"""Roman numerals that are usually something else when no word before them says that they are a number."""
_AMBIGUOUS_FOLLOWERS = re.compile(r"[.,;:!?)]|\b(of|and|von|und|de|et|y|di|e)\b")
_DASH = re.compile(r"((?<=\w[.%°])[–—](?=\w)|(?<=[^\W\d])[–—](?=\w)|(?<=\w)[–—](?=[^\W\d]))")
"""A dash between two words, but not between two numbers."""
_SOUNDLESS = frozenset(["So", "Sk", "Cf", "Co", "Cn"])
"""Unicode categories of emoji, modifiers and controls."""
_ARROWS = re.compile(r"[←-⇿➔-➾]")
_SIGNS = re.compile(r"[&+=×÷±≈≤≥<>~√∞©%°€£$¥₹]")
_OTHER_SCRIPTS = re.compile(
    "[\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u0590-\u05ff\u0600-\u06ff\u0900-\u0dff\u0e00-\u0eff\u10a0-\u10ff"
    "\u1100-\u11ff\u1f00-\u1fff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


class Reader:
    """Reads the words of one text."""

    def __init__(self, texts: Sequence[str], rules: LanguageRules) -> None:
        self.rules = rules
        self.tokens = [split_token(text) for text in texts]
        self._spoken: list[str] = []
        self._steps: tuple[Callable[[int], Sequence[str] | None], ...] = (
            self._read_address, self._read_joined, self._read_abbreviation, self._read_date, self._read_amount,
            self._read_numeral, self._read_signs, self._read_other_script,
        )

    def read(self) -> tuple[ReadWord, ...]:
        """Return all words with what is spoken for each."""
        at = 0
        while at < len(self.tokens):
            said = next((found for step in self._steps if (found := step(at)) is not None), None)
            self._spoken += [self.tokens[at].text] if said is None else said
            at = len(self._spoken)
        return tuple(
            ReadWord(token.text, _remove_soundless(spoken, self.rules.code))
            for token, spoken in zip(self.tokens, self._spoken, strict=True)
        )

    def core(self, at: int) -> str:
        """Return the core of a word; empty outside the text."""
        return self.tokens[at].core if 0 <= at < len(self.tokens) else ""

    def _read_address(self, at: int) -> Sequence[str] | None:
        token = self.tokens[at]
        if _HANDLE.fullmatch(token.core):
            return [f"{token.lead}{self.rules.address[token.core[0]]} {token.core[1:]}{token.trail}"]
        if not _ADDRESS.fullmatch(token.core):
            return None
        return [token.lead + _say_address(token.core, self.rules) + token.trail]

    def _read_joined(self, at: int) -> Sequence[str] | None:
        """Read what a dash without spaces joins, e.g. "1984—when"; a range of numbers is one."""
        token = self.tokens[at]
        pieces = _DASH.split(token.core)
        if len(pieces) == 1 or not re.search(r"\d|\.", token.core):
            return None
        said = [piece if _DASH.fullmatch(piece) else Reader([piece], self.rules).read()[0].spoken for piece in pieces]
        return [token.lead + "".join(said) + token.trail]

    def _read_abbreviation(self, at: int) -> Sequence[str] | None:
        """Read an abbreviation of up to two words, e.g. "Dr." or "z. B."."""
        rules, token = self.rules, self.tokens[at]
        if at + 1 < len(self.tokens) and not token.trail.strip("."):
            following = self.tokens[at + 1]
            pair = f"{token.core}{token.trail} {following.core}"
            for key in (pair + ".", pair):
                if key in rules.abbreviations and following.trail.startswith(key[len(pair):]):
                    first, _, rest = rules.abbreviations[key].partition(" ")
                    end = self._end_abbreviation(at + 1, key, following.trail[len(key) - len(pair):])
                    return [token.lead + first, rest + end]
        for key in (token.core + ".", token.core):
            if not token.trail.startswith(key[len(token.core):]):
                continue
            rest = token.trail[len(key) - len(token.core):]
            numeral = self.core(at + 1)
            is_number = numeral[:1].isdecimal() or (len(numeral) > 1 and numbers.parse_roman(numeral) > 0)
            if key in rules.numbered and is_number and not rest:
                return [token.lead + rules.numbered[key]]
            if key in rules.abbreviations and self._is_abbreviation(at, key):
                said = self._choose_abbreviation(at, key)
                return [token.lead + said + ("" if said.endswith(".") else self._end_abbreviation(at, key, rest))]
        return None

    def _is_abbreviation(self, at: int, key: str) -> bool:
        following = self.core(at + 1)
        if len(key) == 2 and key[1] == ".":
            # A single letter is an initial rather than an abbreviation next to another one.
            return following[:1].isupper() and len(following) > 1 and not self._is_initial(at - 1)
        if key in ("v.", "est.", "es."):
            return bool(following) and at > 0
        return True

    def _is_initial(self, at: int) -> bool:
        core = self.core(at)
        return len(core) == 1 and core.isupper() and self.tokens[at].trail.startswith(".")

    def _choose_abbreviation(self, at: int, key: str) -> str:
        """Return the words of an abbreviation; after a name, "St." is a street and "Dr." a drive."""
        said = self.rules.abbreviations[key]
        street = {"St.": "Street", "Dr.": "Drive"}.get(key) if self.rules.code == "en" else None
        if street and self.core(at - 1)[:1].isupper() and not self.tokens[at - 1].trail:
            following = self.core(at + 1)
            if not following[:1].isupper():
                return street if following else street + "."
            if following.lower() in self.rules.starters:
                return street + "."
        return said

    def _end_abbreviation(self, at: int, key: str, rest: str) -> str:
        """Return the punctuation after an abbreviation, whose full stop may end the sentence too."""
        if rest or not key.endswith(".") or key not in self.rules.ending:
            return rest
        following = self.core(at + 1)
        ends = at + 1 == len(self.tokens) or (following[:1].isupper() and following.lower() in self.rules.starters)
        return "." if ends else ""

    def _read_date(self, at: int) -> Sequence[str] | None:
        return dates.read_date(self.tokens, at, self.rules)

    def _read_amount(self, at: int) -> Sequence[str] | None:
        return read_amount(self.tokens, at, self.rules)

    def _read_numeral(self, at: int) -> Sequence[str] | None:
        """Read a Roman numeral, e.g. of a ruler or of a chapter."""
        token, rules = self.tokens[at], self.rules
        if rules.code == "fr" and (found := re.fullmatch(r"(I(?=er)|[VX]|[IVXL]{2,})(?:er|e|ème|ᵉ)", token.core)):
            return [token.lead + numbers.say_integer(numbers.parse_roman(found[1]), "fr", "ordinal") + token.trail]
        core, possessive = (token.core[:-2], "'s") if token.core[-2:] in ("'s", "’s") else (token.core, "")
        if core.islower() and len(core) > 1 and self.core(at - 1).lower() in rules.numerals_after:
            core = core.upper()
        value = numbers.parse_roman(core)
        if not value:
            return None
        before, following = self.core(at - 1), self.core(at + 1)
        before_trail = self.tokens[at - 1].trail if at else " "
        joined = not before_trail
        is_named = (joined or before_trail == ".") and (before + before_trail).lower() in rules.numerals_after
        if is_named and (core != "I" or (before[:1].isupper() and joined)):
            said = numbers.say_integer(value, rules.code)
        elif joined and before.lower() in RULERS and before[:1].isupper() and value < 40:
            if core in ("I", "V", "X") and not (token.trail or possessive or _AMBIGUOUS_FOLLOWERS.match(following)):
                return None
            said = self._say_regnal(value, at)
        elif rules.code == "it" and following.lower() == "secolo":
            said = numbers.say_integer(value, "it", "ordinal")
        elif len(core) > 1 and joined and core not in _NOT_NUMERALS and before[:1].isalpha() and not before.isupper():
            said = numbers.say_integer(value, rules.code)
        else:
            return None
        # A German numeral has a full stop, which ends a sentence only if one begins after it.
        is_mark = rules.code == "de" and token.trail == "." and following and following.lower() not in rules.starters
        return [token.lead + said + possessive + ("" if is_mark else token.trail)]

    def _say_regnal(self, value: int, at: int) -> str:
        rules = self.rules
        if value > rules.regnal_ordinal_limit:
            return numbers.say_integer(value, rules.code)
        said = numbers.say_integer(value, rules.code, "ordinal")
        if rules.code == "de" and self.core(at - 2).lower() in ("des", "dem", "den"):
            return {"des": "des", "dem": "dem", "den": "den"}[self.core(at - 2).lower()] + f" {said}n"
        return rules.regnal.format(said)

    def _read_signs(self, at: int) -> Sequence[str] | None:
        """Read a sign between words, e.g. "&", and "/" between two of them."""
        token, rules = self.tokens[at], self.rules
        if _ARROWS.search(token.core):
            said = f" {rules.to} ".join(_ARROWS.split(token.core)).split()
            return [token.lead + " ".join(said) + token.trail]
        if re.fullmatch(r"(?:[A-Z]\.){2,}[A-Z]", token.core):
            # eSpeak NG reads the name after "J.R.R." wrongly, and "A" after a blank as the article.
            initials = len(token.core) > 3 and token.trail.startswith(".") and self.core(at + 1)[:1].isupper()
            return [token.lead + token.core.replace(".", ". ") + token.trail if initials else token.text]
        if token.core in LONE_MARKS and not (self.core(at - 1)[-1:].isdecimal() and self.core(at + 1)[:1].isdecimal()):
            return [token.lead + token.trail]
        if token.core in rules.symbols:
            return [token.lead + rules.symbols[token.core] + token.trail]
        if token.core and re.fullmatch(r"[^\W\d_]+(?:/[^\W\d_]+)+", token.core):
            words = token.core.split("/")
            conjunctions = {rules.conjunction, rules.symbols["&"], rules.symbols["/"]}
            between = " " if conjunctions & set(words) or max(map(len, words)) == 1 else f" {rules.symbols['/']} "
            return [token.lead + between.join(words) + token.trail]
        is_name = re.fullmatch(r"[A-Z]+&[A-Z]+", token.core)
        if re.search(r"\w", token.core) and _SIGNS.search(token.core) and not is_name:
            text = _SIGNS.sub(lambda sign: f" {rules.symbols.get(sign[0], '')} ", token.core)
            return [token.lead + " ".join(text.split()) + token.trail]
        return None

    def _read_other_script(self, at: int) -> Sequence[str] | None:
        """Write a word of another script in Latin letters, as a reader of this language would try to say it."""
        token = self.tokens[at]
        if self.rules.code == "hi" or not _OTHER_SCRIPTS.search(token.core):
            return None
        from anyascii import anyascii

        return [token.lead + anyascii(token.core) + token.trail]


def _say_address(text: str, rules: LanguageRules) -> str:
    text = re.sub(r"^https?://", "", text)
    text = re.sub(r"[?#].*$", "", text.removeprefix("www.")).rstrip("/")
    host, slash, path = text.partition("/")
    if len(path) > MAX_PATH_CHARS:
        slash = path = ""
    pieces = re.split(r"([./_@-])", host + slash + path)
    return " ".join(rules.address.get(piece, piece) for piece in pieces if piece)


def _remove_soundless(spoken: str, code: str) -> str:
    """Return what is spoken without emoji and controls; Hindi keeps the joiners within its words."""
    joiners = "\u200c\u200d" if code == "hi" else ""
    spoken = spoken.replace("^", " ")
    if code != "hi":
        # In Devanagari, NFC separates letters from their dots.
        spoken = unicodedata.normalize("NFC", spoken)
    kept = "".join(
        each for each in spoken
        if each in joiners or not (unicodedata.category(each) in _SOUNDLESS or each in "\ufe0e\ufe0f")
    )
    return " ".join(word for word in kept.split() if word.strip("\u200c\u200d"))
