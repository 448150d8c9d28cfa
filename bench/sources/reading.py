"""Read an input as the program does, write a long script of it, and report what a person would not say."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.sources import articles, books, captions, notes, pages
from bench.sources.labelled import Labelled
from pressrun.errors import PressrunError
from pressrun.model.book import Book
from pressrun.model.script import Script, Transcript
from pressrun.services.languages import detect_language, split_sentences
from pressrun.services.protocols import Brief, Context
from pressrun.services.sources.reading import Material, read_material
from pressrun.services.writers import extractive
from pressrun.services.writers.final_check import script_warnings

INPUTS: tuple[Labelled, ...] = (*articles.INPUTS, *books.INPUTS, *captions.INPUTS, *notes.INPUTS, *pages.INPUTS)
BRIEF = Brief(Book("The Winter"), 600.0, 45.0, 165, 0.5)
"""Long enough for all sentences of an input."""


def read_input(labelled: Labelled, folder: Path) -> Material:
    """Return the cleaned text of an input."""
    path = folder / f"{labelled.name}{labelled.suffix}"
    path.write_text(labelled.text, encoding="utf-8")
    return read_material(path, lambda each: each)


def write_script(labelled: Labelled, material: Material, folder: Path) -> Script:
    """Return the script of an input, of as many sentences as it has."""
    spoken = "\n".join(each.text for each in material.segments if not each.heading)
    language = detect_language(spoken, labelled.language)
    transcript = Transcript(language.code, language.direction, material.segments, labelled.name)
    return extractive.write(transcript, BRIEF, Context(folder, {}, None, 1, lambda _: None, lambda _a, _b: None))


def problems(labelled: Labelled) -> list[str]:
    """Return what is wrong with the script and the text of an input; nothing if both read well."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            material = read_input(labelled, folder)
            script = write_script(labelled, material, folder)
        except PressrunError as error:
            return [f"{labelled.name}: {error.message}"]
    spoken = _by_sentence(script)
    text = "\n".join(each.text for each in material.segments if not each.heading)
    found = [f'says "{each}"' for each in labelled.forbidden if each.strip("\n") and each in spoken]
    found += [f'the text has "{each}"' for each in labelled.forbidden if each in text]
    found += script_warnings(script)
    joined = "".join(text.split())
    found += [f'lost "{each}"' for each in labelled.required if "".join(each.split()) not in joined]
    return [f"{labelled.name}: {each}" for each in dict.fromkeys(found)]


def _by_sentence(script: Script) -> str:
    """Return what is said, a sentence per line."""
    parts = (script.hook, *(scene.narration for scene in script.scenes), script.close, script.short)
    return "\n".join(sentence for part in parts for sentence in split_sentences(part, script.language))
