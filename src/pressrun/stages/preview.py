"""A look at what render would make, from the script and the voice. No stage of a pipeline: it leaves no checkpoint."""

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
from pressrun.stages.cover import with_cover
from pressrun.stages.render import gallery_of, look_of, sound_of
from pressrun.stages.work import Work
from pressrun.store.atomic import atomic_output

if TYPE_CHECKING:
    from PIL.Image import Image

    from pressrun.media.cards import Look

FOLDER = "preview"
"""Inside the run folder; nothing in it counts for resuming."""
SHEET, DRAFT, SHORT_DRAFT = "contact-sheet.png", "draft.mp4", "short-draft.mp4"
SHEET_EFFORT = 3
"""Of zlib, 1 to 9: more takes longer than looking at the sheet is worth."""
SHORT_NEEDS = ("short_voice.wav", "short_words.json")


@dataclass(frozen=True)
class _Film:
    """A draft to be made; `names` stand below its pictures."""

    file: str
    scenes: Scenes
    sound: Sound
    names: tuple[str, ...]


def run(work: Work) -> None:
    """Makes the sheet, a draft of the video and one of the short in the folder `preview` of the run folder.

    Raises as render does.
    """
    place = work.folder / FOLDER
    place.mkdir(exist_ok=True)
    script = work.load("script.json", Script)
    look = look_of(work, script, draft_shape(parse_resolution(str(work.settings["resolution"]))))
    films = list(_films(work, script, look))
    total, done = sum(film.scenes.frames for film in films), 0
    rows: list[tuple[list[Image], list[Tile]]] = []
    for film in films:
        tiles = tiles_of(film.scenes, film.names)
        rows.append((_draft(work, film, tiles, _counted(work, done, total)), tiles))
        done += film.scenes.frames
    with atomic_output(place / SHEET) as path:
        contact_sheet(look, rows).save(path, "PNG", compress_level=SHEET_EFFORT)


def _films(work: Work, script: Script, look: Look) -> Iterator[_Film]:
    gallery, fps = with_cover(work, gallery_of(work, script)), min(int(work.settings["fps"]), DRAFT_FPS)
    narration = work.load("words.json", Narration)
    names = (*(passage.heading for passage in narration.passages[:-1]), "End")
    scenes = video_scenes(script, narration, look, fps, gallery)
    yield _Film(DRAFT, scenes, sound_of(work, "voice.wav", narration), names)
    if all((work.folder / name).is_file() for name in SHORT_NEEDS):
        narration = work.load("short_words.json", Narration)
        scenes = short_scenes(script, narration, look_of(work, script, look.shape.turned), fps, gallery)
        yield _Film(SHORT_DRAFT, scenes, sound_of(work, "short_voice.wav", narration), ("Short",))


def _draft(work: Work, film: _Film, tiles: list[Tile], shown: Callable[[int], None]) -> list[Image]:
    path = work.folder / FOLDER / film.file
    return make_draft(path, film.scenes, film.sound, tiles, shown)


def _counted(work: Work, before: int, total: int) -> Callable[[int], None]:
    def shown(done: int) -> None:
        if done % DRAFT_FPS == 0 or before + done == total:
            work.progress(before + done, total, "frames")

    return shown
