"""Write phonemes of eSpeak NG in the symbols of Kokoro, and number them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pressrun.services.voices.neural import Encoded
from pressrun.services.voices.phonemes import marks_around
from pressrun.services.voices.text_units import Unit

_NUMBERS = (
    ";1 :2 ,3 .4 !5 ?6 —9 …10 \"11 (12 )13 “14 ”15 \u030317 ʣ18 ʥ19 ʦ20 ʨ21 ᵝ22 \uab6723 A24 I25 O31 Q33 S35 T36 "
    "W39 Y41 ᵊ42 a43 b44 c45 d46 e47 f48 h50 i51 j52 k53 l54 m55 n56 o57 p58 q59 r60 s61 t62 u63 v64 "
    "w65 x66 y67 z68 ɑ69 ɐ70 ɒ71 æ72 β75 ɔ76 ɕ77 ç78 ɖ80 ð81 ʤ82 ə83 ɚ85 ɛ86 ɜ87 ɟ90 ɡ92 ɥ99 ɨ101 "
    "ɪ102 ʝ103 ɯ110 ɰ111 ŋ112 ɳ113 ɲ114 ɴ115 ø116 ɸ118 θ119 œ120 ɹ123 ɾ125 ɻ126 ʁ128 ɽ129 ʂ130 ʃ131 "
    "ʈ132 ʧ133 ʊ135 ʋ136 ʌ138 ɣ139 ɤ140 χ142 ʎ143 ʒ147 ʔ148 ˈ156 ˌ157 ː158 ʰ162 ʲ164 ↓169 →171 ↗172 "
    "↘173 ᵻ177"
)
SYMBOLS: dict[str, int] = {" ": 16} | {pair[0]: int(pair[1:]) for pair in _NUMBERS.split()}
"""Symbol -> its number in the model."""

_ALL = (("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"))
_ENGLISH = (
    *_ALL, ("ʔˌn\u0329", "tᵊn"), ("ʔn\u0329", "tᵊn"), ("ə^l", "ᵊl"), ("ʲ", ""), ("ɚ", "əɹ"), ("r", "ɹ"), ("x", "k"),
    ("ç", "k"), ("ɐ", "ə"), ("ɬ", "l"), ("\u0303", ""),
)
_REPLACEMENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "en-us": (
        *_ENGLISH, ("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ː", ""), ("^", ""), ("e", "A"),
        ("o", "ɔ"), ("ɾ", "T"), ("ʔ", "t"),
    ),
    "en-gb": (
        *_ENGLISH, ("e^ə", "ɛː"), ("i^ə", "ɪə"), ("iə", "ɪə"), ("ə^ʊ", "Q"), ("^", ""), ("e", "A"), ("o", "ɔ"),
        ("ɾ", "T"), ("ʔ", "t"),
    ),
}
"""eSpeak NG's name of a language -> replacements, in order. The model was trained with one symbol per diphthong."""
_OTHER = (*_ALL, ("d^z", "ʣ"), ("o^ʊ", "O"), ("ə^ʊ", "Q"), ("s^s", "S"), ("t^s", "ʦ"), ("^", ""))
_SYLLABIC = re.compile("(\\S)\u0329")
_OTHER_MARKS = str.maketrans({"«": "“", "»": "”", "„": "“", "–": "—", "।": ".", "¡": "", "¿": "", "・": " "})
_MARKS = frozenset(";:,.!?—…\"()“”")


def to_symbols(phonemes: str, accent: str) -> str:
    """Return the phonemes of a unit in the symbols of the model. Others are left out."""
    for sound, symbol in _REPLACEMENTS.get(accent, _OTHER):
        phonemes = phonemes.replace(sound, symbol)
    phonemes = _SYLLABIC.sub(r"ᵊ\1", phonemes)
    return "".join(each for each in phonemes if each in SYMBOLS)


def encode(units: Sequence[Unit], phonemes: Sequence[str], owners: Sequence[int], accent: str) -> Encoded:
    """Return the tokens of units with their punctuation, separated by spaces.

    `owners` has the unit of the caption for each of `units`. A full stop inside the sentence is left out: it belongs to
    an abbreviation, and would be a pause.
    """
    tokens: list[int] = []
    token_owners: list[int | None] = []

    def add(text: str, owner: int | None) -> None:
        tokens.extend(SYMBOLS[each] for each in text)
        token_owners.extend([owner] * len(text))

    for index, (unit, sound, owner) in enumerate(zip(units, phonemes, owners, strict=True)):
        before, after = marks_around(unit.spoken.replace("...", "…").translate(_OTHER_MARKS), _MARKS)
        if index < len(units) - 1:
            after = after.replace(".", "")
        if tokens and unit.gap and (sound or before):
            add(" ", None)
        add(before, None)
        add(to_symbols(sound, accent), owner)
        add(after, None)
    return Encoded(tuple(tokens), tuple(token_owners))
