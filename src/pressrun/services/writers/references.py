"""Detect sentences that refer back, e.g. "He ...", "The second half ...", "The point of the list ...".

Without the previous sentence they make no sense, so a script uses them only after it. Letters show this without a
grammar, and only roughly. A false positive costs little: the sentence keeps its neighbour. A false negative is audible.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from pressrun.services.languages import words


def refers_back(text: str, code: str, before: Collection[str] = (), earlier: Collection[str] = ()) -> bool:
    """Return whether the sentence `text` refers to the previous one.

    `before` are the lowercase words of that one, empty at the beginning of a section; `earlier` those of the whole
    source so far.
    """
    if text.startswith(WEAK_PREFIXES.get(code, ())):
        return True
    text_words = words(text, code)
    tokens = [word.casefold() for word in text_words]
    if not tokens:
        return False
    nothing: frozenset[str] = frozenset()
    links, pronouns = LINKS.get(code, nothing), PRONOUNS.get(code, nothing)
    if tokens[0] in WEAK_STARTS.get(code, nothing) or any(token in links for token in tokens[:6]):
        return True
    if tokens[0] in PREPOSITIONS.get(code, nothing) and any(token in pronouns for token in tokens[1:3]):
        return True
    pointer = POINTERS.get(code)
    if pointer and pointer.search(text):
        return True
    if not before:
        return False
    articles, known = ARTICLES.get(code, nothing), {token for token in before if len(token) > 3} - FAMILIAR
    if any(left in articles and right in known for left, right in pairwise(tokens)):
        return True
    return code == "en" and any(
        token == "the" and not _is_introduced(text_words[index + 1 : index + 4], index == 0, earlier)
        for index, token in enumerate(tokens)
    )


def _is_introduced(after: Sequence[str], begins: bool, earlier: Collection[str]) -> bool:
    """Return whether the words after "the" make its meaning clear: a name, a superlative, "of ...", or a known thing.

    A known thing was named earlier in the source. A sentence that begins with "the" refers back even if the thing is
    known.
    """
    tokens = [word.casefold() for word in after]
    if not tokens or after[0][:1].isupper() or FAMILIAR & set(tokens[:2]):
        return True
    if tokens[0].endswith("est") or tokens[0] in ("most", "least"):
        return True
    return not begins and (bool(_DEFINING & set(tokens)) or any(token in earlier for token in tokens[:2]))


def _starts(text: str) -> frozenset[str]:
    return frozenset(text.split())


WEAK_STARTS: dict[str, frozenset[str]] = {
    "en": _starts(
        "he she it they him her them his hers its their theirs this that these those such both neither either another "
        "others but and so yet or nor however therefore thus hence then also instead moreover furthermore besides "
        "otherwise nevertheless meanwhile consequently still again afterwards likewise similarly indeed finally "
        "there here which who because since then all none few it's that's he's she's they're second third other half"
    ),
    "de": _starts(
        "er sie es ihm ihn ihr ihre ihren sein seine seinen dieser diese dieses diesen diesem jener jene das aber und "
        "oder doch jedoch deshalb daher darum dann also auch trotzdem dennoch außerdem dadurch damit dort hier so denn "
        "sondern danach davon dabei dazu"
    ),
    "fr": _starts(
        "il elle ils elles lui leur ce cela ça cette ces cet celui celle ceux son sa ses leurs mais et ou donc alors "
        "ainsi pourtant cependant puis ensuite aussi toutefois or car c'est c’est là ici"
    ),
    "es": _starts(
        "él ella ellos ellas esto eso este esta estos estas ese esa esos esas aquello su sus pero y o así entonces "
        "luego además también sin embargo porque pues por ahí allí"
    ),
    "it": _starts(
        "egli lui lei loro esso essa essi questo questa questi queste quello quella ciò suo sua suoi ma e o quindi "
        "dunque allora così però inoltre anche poi perché tuttavia lì qui"
    ),
    "pt": _starts(
        "ele ela eles elas isto isso este esta estes estas esse essa esses essas aquilo seu sua seus suas mas e ou "
        "assim então porém portanto também além depois porque contudo ali aqui"
    ),
    "nl": _starts(
        "hij zij ze het hem haar hun zijn dit dat deze die maar en of dus toch echter daarom dan ook toen daarna "
        "bovendien want daar hier"
    ),
    "ru": _starts(
        "он она оно они его её ее их это этот эта эти тот та те такой такая но и а или однако поэтому затем потом "
        "также тогда так зато там здесь"
    ),
    "ar": _starts(
        "هو هي هم هذا هذه ذلك تلك هؤلاء أولئك لكن ولكن ثم لذلك كذلك لهذا وهو وهي وهم وهذا وهذه وذلك فهو فهي أيضا أيضًا"
    ),
}
WEAK_PREFIXES: dict[str, tuple[str, ...]] = {
    "ja": (
        "それ", "これ", "その", "この", "あの", "そこ", "ここ", "そして", "しかし", "だが", "だから", "また", "彼",
        "つまり", "さらに", "でも", "すると", "ただ", "なぜなら", "そう", "こう", "けれど", "ところが", "したがって",
    ),
    "zh": (
        "他", "她", "它", "这", "那", "但", "而", "所以", "因此", "于是", "然后", "不过", "并且", "同时", "其", "此",
        "可是", "然而",
    ),
}
LINKS: dict[str, frozenset[str]] = {
    "en": _starts("therefore also too however instead then thus either neither this these those such"),
    "de": _starts("deshalb daher jedoch auch also dennoch trotzdem"),
    "fr": _starts("donc aussi pourtant cependant"),
    "es": _starts("también entonces además"),
    "it": _starts("quindi anche dunque"),
    "pt": _starts("também então portanto"),
    "nl": _starts("daarom ook dus echter"),
}
"""Words that refer to the previous sentence if they are near the beginning."""
CONTRASTS: dict[str, frozenset[str]] = {
    "en": _starts("not never nobody nothing no most only without but first last greatest more than"),
    "de": _starts("nicht nie niemand nichts kein keine nur ohne erste letzte mehr"),
    "fr": _starts("ne jamais personne rien sans plus premier dernier"),
    "es": _starts("no nunca nadie nada sin más primero último"),
}
"""Words that make a sentence striking."""
PREPOSITIONS: dict[str, frozenset[str]] = {
    "en": _starts(
        "by in at on for when while after before with without from to of as if although though because until since "
        "during through under over among between despite"
    ),
    "de": _starts(
        "in an auf bei mit nach vor von zu aus für durch unter über wenn als während weil nachdem bevor ohne"
    ),
    "fr": _starts("dans à en par pour avec sans après avant de sur sous quand lorsque pendant chez depuis"),
    "es": _starts("en a por para con sin después antes de sobre bajo cuando mientras desde según"),
    "it": _starts("in a per con senza dopo prima di su sotto quando mentre da secondo nel nella"),
    "pt": _starts("em a por para com sem depois antes de sobre sob quando enquanto desde segundo"),
    "nl": _starts("in op aan bij met zonder na voor van uit door onder over toen als terwijl sinds volgens"),
}
"""Words after which a pronoun also refers back: "By his own account"."""
PRONOUNS: dict[str, frozenset[str]] = {
    "en": _starts("he she it they him her them his its their this that these those"),
    "de": _starts("er es ihm ihn ihr ihre ihren sein seine seinen dieser dieses diesem diesen"),
    "fr": _starts("il elle ils elles lui leur leurs son sa ses ce cette ces"),
    "es": _starts("él ella ellos ellas su sus esto eso este esta"),
    "it": _starts("egli lui lei loro suo sua suoi sue questo questa"),
    "pt": _starts("ele ela eles elas seu sua seus suas isto isso este esta"),
    "nl": _starts("hij zij hem haar hun zijn"),
}
ARTICLES: dict[str, frozenset[str]] = {
    "en": _starts("the"),
    "de": _starts("der die das den dem des"),
    "fr": _starts("le la les du au aux"),
    "es": _starts("el la los las del al"),
    "it": _starts("il lo la i gli le del della al alla"),
    "pt": _starts("o a os as do da ao"),
    "nl": _starts("de het"),
}
_DEFINING = _starts("of that who whom whose which where in on from")
FAMILIAR = _starts(
    "book books author writer reader readers text title work world people life dead living poor rich sick old young "
    "past future present truth buch autor autorin leser welt menschen "
    "leben livre auteur lecteur monde vie libro autor lector mundo vida libro autore lettore mondo vita livro leitor "
    "boek schrijver lezer wereld leven"
)
"""Things that everyone knows in a video about a book, and that may be called "the" at any time."""
POINTERS: dict[str, re.Pattern[str]] = {
    code: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)
    for code, pattern in {
        "en": r"the (?:other|others|same|two|second|third) (?:half|one|part|of)|the (?:former|latter|rest)"
        r"|(?:than|like) (?:that|this)|(?:does|did|do) so|the ones?|(?:first|second|other|harder|better) half",
        "de": r"(?:erstere|letztere)[rsnm]?|zweite hälfte|genauso|ebenso",
        "fr": r"(?:ce|cette) derni(?:er|ère)|la seconde moitié|le second|de même",
        "es": r"(?:este|esta) últim[oa]|la segunda mitad|el segundo|lo mismo",
        "it": r"quest['’]ultim[oa]|la seconda metà|il secondo|lo stesso",
        "pt": r"(?:este|esta) últim[oa]|a segunda metade|o segundo|o mesmo",
        "nl": r"laatstgenoemde|tweede helft|eveneens",
    }.items()
}
"""Expressions that refer back at any position."""
NEGATIONS = _starts(
    "not no never without nor neither hardly don't doesn't didn't isn't wasn't aren't weren't cannot can't won't "
    "nicht kein keine keinen keinem keiner nie niemals ohne weder kaum ne n pas sans jamais aucun aucune ni "
    "sin nunca jamás ningún ninguna tampoco non mai senza né nessun nessuna não nem sem nunca nenhum nenhuma "
    "niet geen nooit zonder noch"
)
"""Words that reverse the meaning of their neighbours; a phrase without them would say the opposite."""
ARABIC_RELATIVES = _starts("الذي التي الذين اللذان اللتان اللواتي اللاتي الآن التقى التزم التفت التحق")
"""Frequent Arabic words that begin like the article but are not nouns."""
