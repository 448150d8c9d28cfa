"""preview: a quick draft of the render, from script and voice. It is in no pipeline and leaves no checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressrun.media.film import short_scenes, video_scenes
from pressrun.media.frames import Scenes
from pressrun.media.preview import DRAFT_FPS, Tile, contact_sheet, draft_shape, make_draft, tiles_of
from pressrun.media.resolution import parse_resolution
from pressrun.media.sound import Sound
from pressrun.model.script import Narration, Script
from pressrun.stages.cover import add_cover
from pressrun.stages.render import load_gallery, load_look, load_sound
from pressrun.stages.work import Work
from pressrun.store.atomic import atomic_output

if TYPE_CHECKING:
    from PIL.Image import Image

    from pressrun.media.cards import Look

FOLDER = "preview"
"""Folder inside the run folder. Its files do not affect resuming."""
SHEET, DRAFT, SHORT_DRAFT = "contact-sheet.png", "draft.mp4", "short-draft.mp4"
SHEET_COMPRESSION = 3
"""zlib level, 1 to 9. Higher levels take too long for a preview."""
SHORT_NEEDS = ("short_voice.wav", "short_words.json")


@dataclass(frozen=True)
class _Film:
    """A draft to create. `names` are the captions of its pictures."""

    file: str
    scenes: Scenes
    sound: Sound
    names: tuple[str, ...]


def run(work: Work) -> None:
    """Create a contact sheet and drafts of video and short in the folder `preview` of the run folder.

    Raises the same errors as render.
    """
    folder = work.folder / FOLDER
    folder.mkdir(exist_ok=True)
    script = work.load("script.json", Script)
    look = load_look(work, script, draft_shape(parse_resolution(str(work.settings["resolution"]))))
    films = list(_films(work, script, look))
    total, done = sum(film.scenes.frames for film in films), 0
    rows: list[tuple[list[Image], list[Tile]]] = []
    for film in films:
        tiles = tiles_of(film.scenes, film.names)
        rows.append((_draft(work, film, tiles, _frame_reporter(work, done, total)), tiles))
        done += film.scenes.frames
    with atomic_output(folder / SHEET) as path:
        contact_sheet(look, rows).save(path, "PNG", compress_level=SHEET_COMPRESSION)


def _films(work: Work, script: Script, look: Look) -> Iterator[_Film]:
    gallery, fps = add_cover(work, load_gallery(work, script)), min(int(work.settings["fps"]), DRAFT_FPS)
    narration = work.load("words.json", Narration)
    names = (*(passage.heading for passage in narration.passages[:-1]), "End")
    scenes = video_scenes(script, narration, look, fps, gallery)
    yield _Film(DRAFT, scenes, load_sound(work, "voice.wav", narration), names)
    if all((work.folder / name).is_file() for name in SHORT_NEEDS):
        narration = work.load("short_words.json", Narration)
        scenes = short_scenes(script, narration, load_look(work, script, look.shape.turned), fps, gallery)
        yield _Film(SHORT_DRAFT, scenes, load_sound(work, "short_voice.wav", narration), ("Short",))


def _draft(work: Work, film: _Film, tiles: list[Tile], report: Callable[[int], None]) -> list[Image]:
    path = work.folder / FOLDER / film.file
    return make_draft(path, film.scenes, film.sound, tiles, report)


def _frame_reporter(work: Work, before: int, total: int) -> Callable[[int], None]:
    def report(done: int) -> None:
        if done % DRAFT_FPS == 0 or before + done == total:
            work.progress(before + done, total, "frames")

    return report
