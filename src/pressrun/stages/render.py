"""Voice and script in, the video out, with its captions and its thumbnail."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from pressrun.media.captions import as_srt, as_vtt
from pressrun.media.cards import Look, make_look
from pressrun.media.film import dropped_symbols, save_thumbnail, video_scenes
from pressrun.media.fonts import load_fonts
from pressrun.media.frames import Scenes
from pressrun.media.loudness import with_music
from pressrun.media.music import music_path
from pressrun.media.output import VIDEO_CODECS, checked_output
from pressrun.media.pictures import Gallery, check, find_pictures
from pressrun.media.resolution import Shape, parse_resolution
from pressrun.media.segments import FOLDER, discard, make_film
from pressrun.media.sound import Sound, read_wav
from pressrun.media.style import style_named
from pressrun.model.script import Narration, Script
from pressrun.stages.cover import find_cover
from pressrun.stages.work import Work

REPORTS_PER_SECOND = 5
RECEIPTS = {"video": "upload.json", "short": "short.json"}
"""Film -> what publishing it leaves in the run folder."""


def run(work: Work) -> None:
    """Makes `video.mp4` (or .mov, .webm), `captions.srt`, `captions.vtt`, `thumbnail.jpg` and `cover.json`.

    Raises `SettingsError` for a size or style that does not exist, `MissingGlyphsError`, `BrokenFileError`,
    `RenderError`, and `NoSpaceError` on a full disk.
    """
    script, narration = work.load("script.json", Script), work.load("words.json", Narration)
    sound = sound_of(work, "voice.wav", narration)
    look = look_of(work, script, parse_resolution(str(work.settings["resolution"])))
    gallery = find_cover(work, script, gallery_of(work, script))
    scenes = video_scenes(script, narration, look, int(work.settings["fps"]), gallery)
    if lost := dropped_symbols(look.fonts, script, narration):
        work.note(f"Left out of the pictures, as no font has them: {' '.join(lost)}")
    write_film(work, f"video.{work.settings['format']}", scenes, sound)
    write_text(work, "captions.srt", as_srt(scenes.cues))
    write_text(work, "captions.vtt", as_vtt(scenes.cues))
    with work.product("thumbnail.jpg") as path:
        save_thumbnail(path, script, look, gallery)


def sound_of(work: Work, name: str, narration: Narration) -> Sound:
    """The voice with the music that the settings put under it; says that the stage depends on that file.

    Raises `BrokenFileError` for a voice that cannot be read, `SettingsError` for music that cannot.
    """
    sound = read_wav(work.folder / name)
    music = music_path(str(work.settings["music"]), work.workspace)
    if music is None:
        return sound
    spoken = [(word.start, word.end) for passage in narration.passages for word in passage.words]
    return with_music(sound, work.reads(music), spoken)


def look_of(work: Work, script: Script, shape: Shape) -> Look:
    """The look that settings and book give; says which style and fonts from outside it depends on."""
    style = style_named(str(work.settings["style"]), work.workspace)
    for path in style.files:
        work.reads(path)
    fonts = load_fonts(str(work.settings["font_dir"]), work.workspace)
    for path in fonts.outside:
        work.reads(path)
    return make_look(shape, style, fonts, script.book_title, script.direction == "rtl")


def gallery_of(work: Work, script: Script) -> Gallery:
    """The user's pictures of the book, all of them usable; says that the stage depends on them.

    Raises `RenderError` naming the first that cannot be used.
    """
    folder, gallery = find_pictures(work.workspace, script.book_title)
    work.reads_names(folder)
    check(gallery)
    for path in gallery.all:
        work.reads(path)
    return gallery


def write_film(work: Work, name: str, scenes: Scenes, sound: Sound) -> None:
    """Encodes `scenes` with `sound` into the product `name`, telling how many frames are done.

    What is finished of it stays in the run folder until all is: the next attempt goes on from there.
    """
    output = checked_output(work.settings)
    folder = work.folder / FOLDER / Path(name).stem
    with work.product(name) as path:
        make_film(path, folder, scenes, sound, output, work.workers + 1, _reporter(work, scenes.frames))
    discard(folder)
    _remove_other_formats(work.folder / name)


def _remove_other_formats(made: Path) -> None:
    """The same film in the format of an earlier setting, unless that one was published: then it is what people see."""
    if (made.parent / RECEIPTS[made.stem]).exists():
        return
    for container in VIDEO_CODECS:
        if (other := made.with_suffix(f".{container}")) != made:
            other.unlink(missing_ok=True)


def write_text(work: Work, name: str, text: str) -> None:
    with work.product(name) as path:
        path.write_text(text, encoding="utf-8", newline="\n")


def _reporter(work: Work, total: int) -> Callable[[int], None]:
    last = 0.0

    def shown(done: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done == total or now - last >= 1 / REPORTS_PER_SECOND:
            last = now
            work.progress(done, total, "frames")

    return shown
