"""preview: a quick draft of the render, from script and voice. It is in no pipeline and leaves no checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressrun.media.film import Film, make_short_film, make_video_film
from pressrun.media.output import parse_resolution
from pressrun.media.preview import MAX_DRAFT_FPS, Tile, choose_tiles, draft_shape, make_contact_sheet, make_draft
from pressrun.media.sound import Sound
from pressrun.model.script import Narration, Script
from pressrun.stages.cover import add_cover
from pressrun.stages.render import load_gallery, load_look, load_sound
from pressrun.stages.work import Work
from pressrun.store.atomic import atomic_output

if TYPE_CHECKING:
    from PIL.Image import Image

    from pressrun.media.look import Look

FOLDER = "preview"
"""Folder inside the run folder. Its files do not affect resuming."""
SHEET, DRAFT, SHORT_DRAFT = "contact-sheet.png", "draft.mp4", "short-draft.mp4"
SHEET_COMPRESSION = 3
"""zlib level, 1 to 9. Higher levels take too long for a preview."""
SHORT_NEEDS = ("short_voice.wav", "short_words.json")


@dataclass(frozen=True)
class _Draft:
    """A draft to create. `names` are the labels of its pictures on the contact sheet."""

    file: str
    film: Film
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
    drafts = list(_plan_drafts(work, script, look))
    total, done = sum(draft.film.frame_count for draft in drafts), 0
    rows: list[tuple[list[Image], list[Tile]]] = []
    for draft in drafts:
        tiles = choose_tiles(draft.film, draft.names)
        on_frame = _frame_reporter(work, done, total)
        rows.append((make_draft(folder / draft.file, draft.film, draft.sound, tiles, on_frame), tiles))
        done += draft.film.frame_count
    with atomic_output(folder / SHEET) as path:
        make_contact_sheet(look, rows).save(path, "PNG", compress_level=SHEET_COMPRESSION)


def _plan_drafts(work: Work, script: Script, look: Look) -> Iterator[_Draft]:
    gallery, fps = add_cover(work, load_gallery(work, script)), min(int(work.settings["fps"]), MAX_DRAFT_FPS)
    narration = work.load("words.json", Narration)
    names = (*(passage.heading for passage in narration.passages[:-1]), "End")
    film = make_video_film(script, narration, look, fps, gallery)
    yield _Draft(DRAFT, film, load_sound(work, "voice.wav", narration), names)
    if all((work.folder / name).is_file() for name in SHORT_NEEDS):
        narration = work.load("short_words.json", Narration)
        film = make_short_film(script, narration, load_look(work, script, look.shape.short_shape), fps, gallery)
        yield _Draft(SHORT_DRAFT, film, load_sound(work, "short_voice.wav", narration), ("Short",))


def _frame_reporter(work: Work, before: int, total: int) -> Callable[[int], None]:
    def report(done: int) -> None:
        if done % MAX_DRAFT_FPS == 0 or before + done == total:
            work.progress(before + done, total, "frames")

    return report
