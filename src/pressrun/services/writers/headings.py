"""Choose short headings: those of the source, or a phrase that the scene itself uses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from pressrun.model.book import fold
from pressrun.services.languages import CHARACTERS_PER_WORD, words
from pressrun.services.writers.references import ARABIC_RELATIVES, NEGATIONS
from pressrun.services.writers.units import Unit

MAX_LENGTH = 60
"""Maximum characters of a heading."""
MAX_WORDS = 4

_BREAK = re.compile(r"[^\w\s'’\-‑\u064b-\u065f\u0900-\u0dff]+")
_NUMBERED = re.compile(
    r"^(?:(?:chapter|part|section|kapitel|teil|chapitre|capítulo)\s+)?(?:\d+|[ivxlc]+)(?:[.:)]\s*|\s*[-–—]\s*|$)",
    re.IGNORECASE,
)
_DETERMINERS = frozenset(
    ("the", "a", "an", "his", "her", "its", "their", "our", "your", "my", "of", "no", "every", "each", "many", "some",
     "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "le", "la", "les", "un",
     "une", "des", "du", "el", "los", "las", "una", "il", "lo", "gli", "i", "o", "os", "as", "um", "uma", "de", "het",
     "een")
)
_NOT_NOUNS = re.compile(r"(?:ly|ing|ed|n't|’t)$")
_VERBS = frozenset(
    ("left", "paid", "swore", "ran", "runs", "goes", "comes", "came", "went", "gives", "gave", "takes", "took", "made",
     "makes", "says", "said", "knows", "knew", "found", "kept", "keeps", "held", "holds", "began", "begins", "became",
     "becomes", "lies", "stood", "stands", "depend", "depends", "grew", "grows", "wrote", "writes", "sees", "shows")
)
"""Frequent English verbs that only a dictionary can tell from nouns."""
# A whole Japanese word of kanji or katakana: followed by a particle or a mark, not by the ending of a verb or an
# adjective (some begin with が も や と).
_JAPANESE_WORD = r"(?:[一-鿿々]+|[ァ-ヺー]+)"
_WHOLE = (
    r"(?=$|[^\w]|だ|で|に|を|は|へ|の|から|まで|より|しか|ほど|など|さえ|こそ|ばかり"
    r"|が(?![るりっれろら])|も(?![るりっれろら])|や(?![しすさせそ])|と(?![めまもりろ]))"
)
_JAPANESE_PHRASE = re.compile(
    rf"(?<![一-鿿々ァ-ヺー])(?=[一-鿿々ァ-ヺー]{{2}})({_JAPANESE_WORD}{{1,2}}(?:の{_JAPANESE_WORD})?){_WHOLE}"
)
_NO_JAPANESE_PHRASE = re.compile(r"[一二三四五六七八九十百千]+|今日|昨日|明日|毎日|毎年|今年|翌朝|翌日|自分|一生")
WITH_ARTICLES = frozenset(("en", "de", "fr", "es", "it", "pt", "nl"))
"""Languages whose nouns can be recognized by the words before them."""
_CLAUSE_END = re.compile(r"[.!?;:,()\[\]“”„«»\"،؛؟۔।]+(?:\s|$)|[。！？；：、，「」『』（）]|\s[-–—]\s")
_ARTICLED = re.compile(r"^ال\w{2,}$")
"""An Arabic word with its article, which verbs do not have; a phrase of such words is a noun with its adjectives."""
_FIRST_WORDS = 7
_FIRST_LETTERS = 16
"""For languages without spaces."""
_PARTICLE = re.compile(r"[はがをにでともへ、]")


def own_heading(text: str, book_title: str) -> str:
    """Return a heading of the source as shown on a card, or an empty string if it repeats the title, numbers or is too
    long."""
    from pressrun.services.sources.cleaning.headings import is_chapter_number

    if is_chapter_number(text):
        return ""
    clean = _NUMBERED.sub("", " ".join(text.split())).strip(" .:;,-–—")
    if not clean or len(clean) > MAX_LENGTH or fold(clean) == fold(book_title):
        return ""
    return clean[:1].upper() + clean[1:]


def choose_phrase(
    scene: Sequence[Unit], everything: Sequence[Unit], code: str, stop: frozenset[str], used: Collection[str]
) -> str:
    """Return a phrase from `scene` that is typical of it and not in `used`."""
    here = Counter(token for unit in scene for token in unit.tokens)
    all_over = Counter(token for unit in everything for token in unit.tokens)
    taken = {fold(each) for each in used}
    candidates: dict[str, float] = {}
    for number, unit in enumerate(scene):
        for phrase, quality in _phrases(unit.text, code, stop):
            tokens = [word.casefold() for word in words(phrase, code)]
            known = [token for token in tokens if token not in stop and token in here]
            telling = [here[token] ** 1.5 / all_over[token] + unit.rating / 4 for token in known]
            weight = quality * sum(telling) / len(telling) ** 0.75 if telling else quality
            candidates[phrase] = max(candidates.get(phrase, 0.0), weight * (1.4 if number == 0 else 1.0))
    fresh = {phrase: weight for phrase, weight in candidates.items() if fold(phrase) not in taken}
    if not fresh:
        return _first_words_of(scene[0].text, code, stop, taken)
    best = max(fresh, key=lambda phrase: (fresh[phrase], -len(phrase), phrase))
    return best[:1].upper() + best[1:]


def _phrases(text: str, code: str, stop: frozenset[str]) -> list[tuple[str, float]]:
    """Return phrases, and how much each looks like a noun phrase; empty if letters cannot tell nouns."""
    if code == "ja":
        found = [each for each in _JAPANESE_PHRASE.findall(text) if not _NO_JAPANESE_PHRASE.fullmatch(each)]
        return [(each, min(len(each), 6) / 3 + ("の" in each)) for each in found if 2 <= len(each) <= 16]
    if code == "ar":
        return _arabic_phrases(text, stop)
    if code not in WITH_ARTICLES:
        return []
    graded: list[tuple[str, float]] = []
    for clause in _BREAK.split(text):
        clause_words = clause.split()
        ends = stop | NEGATIONS
        start = 0
        while start < len(clause_words):
            end = start
            while end < len(clause_words) and clause_words[end].casefold() not in ends and end - start < MAX_WORDS:
                end += 1
            last = end
            if code == "de":
                # German nouns are capitalized: the run ends with one.
                while last > start and not clause_words[last - 1][:1].isupper():
                    last -= 1
            if last > start and not _is_negated(clause_words, start, end):
                graded += _grade_phrase(clause_words, start, last, stop)
            start = max(end, start + 1)
    return [(phrase, quality) for phrase, quality in graded if 3 < len(phrase) <= MAX_LENGTH]


def _is_negated(clause_words: list[str], start: int, end: int) -> bool:
    """Return whether there is a negation within two words before the run or directly after it."""
    beside = [*clause_words[max(0, start - 2) : start], *clause_words[end : end + 1]]
    return any(word.casefold() in NEGATIONS or word.casefold().endswith(("n't", "n’t")) for word in beside)


def _arabic_phrases(text: str, stop: frozenset[str]) -> list[tuple[str, float]]:
    """Return two to four neighbouring words with the article; a single word is too vague."""
    found: list[tuple[str, float]] = []
    run: list[str] = []
    for word in [*text.split(), ""]:
        bare = word.rstrip("،.؛:!؟»")
        fits = bool(_ARTICLED.match(_strip_marks(bare))) and _strip_marks(bare) not in stop | ARABIC_RELATIVES
        if fits:
            run.append(bare)
        if run and (not fits or bare != word):
            found += [(" ".join(run[:MAX_WORDS]), 1.0)] if len(run) > 1 else []
            run = []
    return [(phrase, quality) for phrase, quality in found if len(phrase) <= MAX_LENGTH]


def _strip_marks(word: str) -> str:
    """Return an Arabic word without its vowel marks."""
    return re.sub("[\u064b-\u065f\u0670\u0640]", "", word)


def _grade_phrase(clause_words: list[str], start: int, end: int, stop: frozenset[str]) -> list[tuple[str, float]]:
    """Return a run of significant words, and the run with a following "of the ...", with their quality."""
    before = clause_words[start - 1].casefold() if start else ""
    after = clause_words[end].casefold() if end < len(clause_words) else ""
    run = _strip_verb(clause_words[start:end], before)
    if len(run) < end - start:
        after = ""
    quality = {1: 0.5, 2: 1.3, 3: 1.2}.get(len(run), 0.8)
    quality *= 1.4 if before in _DETERMINERS else 0.7
    quality *= 1.2 if not after or after in stop else 0.6
    if any(_NOT_NOUNS.search(word) or word.isdigit() or word in _VERBS for word in run):
        quality *= 0.4
    if all(word.startswith("ال") for word in run):
        quality *= 1.6
    lead = [clause_words[start - 1]] if before in ("the", "a", "an") else []
    found = [(" ".join([*lead, *run]), quality)]
    if after == "of" and before in _DETERMINERS:
        tail_start = end + 1
        while tail_start < min(len(clause_words), end + 3) and clause_words[tail_start].casefold() in _DETERMINERS:
            tail_start += 1
        tail_end = tail_start
        while tail_end < min(len(clause_words), tail_start + 2) and clause_words[tail_end].casefold() not in stop:
            tail_end += 1
        if tail_end > tail_start:
            found.append((" ".join([*lead, *run, *clause_words[end:tail_end]]), quality * 1.3))
    return found


def _strip_verb(run: list[str], before: str) -> list[str]:
    """Remove a noun before a name, or a verb after a singular noun, as far as letters show."""
    name = next((index for index in range(1, len(run)) if run[index][:1].isupper() and run[index - 1].islower()), 0)
    if name and all(word[:1].isupper() for word in run[name:]):
        return run[name:]
    last = run[-1]
    singular = before in ("a", "an") and last.endswith("s") and not last.endswith(("ss", "us", "is"))
    if len(run) > 1 and (last.casefold() in _VERBS or singular):
        return run[:-1]
    return run


def _first_words_of(text: str, code: str, stop: frozenset[str], taken: Collection[str]) -> str:
    """Return the first clause of a sentence, or its first words with an ellipsis, if no phrase is certain."""
    clause = next((each.strip() for each in _CLAUSE_END.split(text) if any(map(str.isalnum, each))), text)
    if code in CHARACTERS_PER_WORD:
        return clause if len(clause) <= _FIRST_LETTERS else _cut_unspaced(clause)
    clause_words = clause.split()
    kept = clause_words[:_FIRST_WORDS]
    while len(kept) > 2 and len(" ".join(kept)) > MAX_LENGTH - 1:
        kept.pop()
    if len(kept) < len(clause_words):
        # Avoid "the first words of the ...", but keep a negation.
        while len(kept) > 2 and kept[-1].casefold() in stop - NEGATIONS:
            kept.pop()
    start = " ".join(kept)[: MAX_LENGTH - 1].strip()
    cut_off = len(start) < len(clause) or fold(start) in taken
    return start[:1].upper() + start[1:] + ("…" if cut_off else "")


def _cut_unspaced(clause: str) -> str:
    """Cut the clause at a particle, where a word ends; never between a letter and its marks."""
    particles = [found.end() for found in _PARTICLE.finditer(clause, 4, _FIRST_LETTERS)]
    end = particles[-1] if particles else _FIRST_LETTERS
    while end < len(clause) and not clause[end].isalnum():
        end += 1
    return clause[:end].rstrip("、，") + "…"
