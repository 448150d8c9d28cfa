"""The ten columns, their names, and which of them are required."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

FIELDS = (
    "idea_title", "description", "target_audience", "tone", "duration_seconds", "platform_preferences",
    "script_content", "voice_preference", "style_override", "priority",
)
"""In the order of the columns A to J."""
_SHORT_NAMES = {
    "title": "idea_title",
    "idea": "idea_title",
    "script": "script_content",
    "audience": "target_audience",
    "platforms": "platform_preferences",
    "platform preference": "platform_preferences",
    "voice": "voice_preference",
    "style": "style_override",
}
_SYNONYMS = {
    "idea_title": (
        "video title, titel, titre, título, titolo, thema, thème, tema, topic, subject, sujet, idee, idée"
    ),
    "description": (
        "summary, beschreibung, beschrijving, descripción, descrição, descrizione, résumé, resumen, synopsis"
    ),
    "target_audience": (
        "target group, zielgruppe, publikum, public, public cible, audience cible, cible, público, público objetivo, "
        "audiencia, pubblico, doelgroep"
    ),
    "tone": "tone of voice, mood, ton, tonfall, tonalität, stimmung, tono, tom, toon, ambiance",
    "duration_seconds": (
        "duration, duration s, duration sec, duration in seconds, length, length in seconds, video length, runtime, "
        "run time, seconds, dauer, dauer s, dauer in sekunden, länge, laenge, laufzeit, durée, durée s, "
        "durée en secondes, longueur, duración, duración s, duración en segundos, duração, durata, duur"
    ),
    "platform_preferences": (
        "platform, plattform, plattformen, plateforme, plateformes, plataforma, plataformas, piattaforme"
    ),
    "script_content": (
        "script text, text, skript, drehbuch, sprechertext, texte, scénario, guion, guión, texto, roteiro, testo, "
        "copione"
    ),
    "voice_preference": "speaker, narrator, stimme, sprecher, voix, voz, voce, stem",
    "style_override": "look, stil, estilo, stile, stijl",
    "priority": "prio, priorität, prioritaet, priorité, prioridad, prioridade, priorità, prioriteit",
}
"""Other names of columns, also in German, French, Spanish, Italian, Portuguese and Dutch."""


class SheetFormat(StrEnum):
    """Which columns a sheet has."""

    STANDARD = "standard"
    """The ten of `FIELDS`."""
    MINIMAL = "minimal"
    """A title and a script."""
    CUSTOM = "custom"
    """The columns that a mapping names."""


class ValidationLevel(StrEnum):
    """Which columns a row must fill in, and whether an invalid value rejects it."""

    STRICT = "strict"
    MODERATE = "moderate"
    PERMISSIVE = "permissive"


REQUIRED: dict[ValidationLevel, tuple[str, ...]] = {
    ValidationLevel.STRICT: FIELDS,
    ValidationLevel.MODERATE: ("idea_title", "script_content"),
    ValidationLevel.PERMISSIVE: (),
}
CONTENT_FIELDS = ("idea_title", "description", "script_content")
"""One of these is required at every level: without them there is nothing to make a video from."""
MINIMAL_FIELDS = ("idea_title", "script_content")


def normalize_name(header: str) -> str:
    """Return `header` in the form used for comparison: only letters and digits, case-folded, without accents.

    "Idea title *" is `ideatitle`, as is `idea_title`.
    """
    bare = unicodedata.normalize("NFKD", header.casefold())
    return unicodedata.normalize("NFC", "".join(each for each in bare if each.isalnum()))


_BY_NAME = {normalize_name(name): field for name, field in {**{each: each for each in FIELDS}, **_SHORT_NAMES}.items()}
_BY_SYNONYM = {normalize_name(name): field for field, names in _SYNONYMS.items() for name in names.split(", ")}
_TITLE_NAMES = frozenset(map(normalize_name, ("title", "idea", "idea_title", "titel", "titre", "título", "titolo")))


def find_field(header: str) -> str | None:
    """Return the field that a column with this header holds, or None."""
    name = normalize_name(header)
    return _BY_NAME.get(name) or _BY_SYNONYM.get(name)


def is_own_name(header: str) -> bool:
    """Return whether the header is one of our names for a field, which takes precedence over synonyms."""
    return normalize_name(header) in _BY_NAME


def names_the_title(header: str) -> bool:
    """Return whether the header can hardly be anything but the name of the column of titles."""
    return normalize_name(header) in _TITLE_NAMES


def suggest_field(header: str) -> str | None:
    """Return the field that `header` was perhaps meant for, e.g. duration_seconds for "Duration (min)"."""
    from difflib import get_close_matches

    names = _BY_NAME | _BY_SYNONYM
    name = normalize_name(header)[:80]
    if near := get_close_matches(name, names, n=1, cutoff=0.8):
        return names[near[0]]
    return next((field for each, field in names.items() if len(each) >= 5 and name.startswith(each)), None)


def column_letter(index: int) -> str:
    """Return the letters of a column as sheets show them: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
