"""The scripts of the example sources, word for word: a change of the writer is read before it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.model.script import Script, Transcript

SCRIPTS = Path(__file__).with_name("scripts")
BOOKS = {
    "meditations": ("Meditations", "Marcus Aurelius"),
    "the-art-of-war": ("The Art of War", "Sun Tzu"),
    "walden": ("Walden", "Henry David Thoreau"),
}


def readable(script: Script) -> str:
    """What is said and shown, a paragraph for each part."""
    scenes = [f"{scene.heading}\n  {scene.narration}" for scene in script.scenes]
    parts = [f"Hook\n  {script.hook}", *scenes, f"Close\n  {script.close}", f"Short\n  {script.short}"]
    return f"{script.title}\n\n" + "\n\n".join(parts) + "\n"


@pytest.mark.parametrize("name", BOOKS)
def test_the_script_of_an_example_reads_as_before(
    name: str, texts: dict[str, Transcript], write: object, tmp_path: Path
) -> None:
    """Where a change is wanted: read the new script aloud, then put it in the place of the old one."""
    assert callable(write)
    title, author = BOOKS[name]
    new = tmp_path / f"{name}.txt"
    new.write_text(readable(write(texts[name], title, author)), encoding="utf-8")
    old = SCRIPTS / new.name
    assert new.read_text(encoding="utf-8") == old.read_text(encoding="utf-8"), f"{new} is the new {old}"
