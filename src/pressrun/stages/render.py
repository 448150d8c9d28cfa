"""render: create the video with its captions and thumbnail from voice and script."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from pressrun.media.captions import as_srt, as_vtt
from pressrun.media.film import Film, make_video_film, omitted_symbols, save_thumbnail
from pressrun.media.fonts import load_fonts
from pressrun.media.geometry import Shape
from pressrun.media.look import Look, make_look
from pressrun.media.loudness import add_music
from pressrun.media.music import music_path
from pressrun.media.output import VIDEO_CODECS, parse_output, parse_resolution
from pressrun.media.pictures import Gallery, check_gallery, find_pictures
from pressrun.media.segments import FOLDER, remove_segments, render_film
from pressrun.media.sound import Sound, read_wav
from pressrun.media.style_files import load_style
from pressrun.model.script import Narration, Script
from pressrun.stages.cover import find_cover
from pressrun.stages.work import Work

MAX_REPORTS_PER_SECOND = 5
RECEIPTS = {"video": "upload.json", "short": "short.json"}
"""Film -> the receipt of its publication in the run folder."""


def run(work: Work) -> None:
    """Create `video.mp4` (or .mov, .webm), `captions.srt`, `captions.vtt`, `thumbnail.jpg` and `cover.json`.

    Raises `SettingsError` for an unknown size or style, `MissingGlyphsError`, `BrokenFileError`, `RenderError`, and
    `NoSpaceError` if the disk is full.
    """
    script, narration = work.load("script.json", Script), work.load("words.json", Narration)
    sound = load_sound(work, "voice.wav", narration)
    look = load_look(work, script, parse_resolution(str(work.settings["resolution"])))
    gallery = find_cover(work, script, load_gallery(work, script))
    film = make_video_film(script, narration, look, int(work.settings["fps"]), gallery)
    if lost := omitted_symbols(look.fonts, script, narration):
        work.note(f"Omitted from the pictures because no font has them: {' '.join(lost)}")
    write_film(work, f"video.{work.settings['format']}", film, sound)
    write_text(work, "captions.srt", as_srt(film.cues))
    write_text(work, "captions.vtt", as_vtt(film.cues))
    with work.product("thumbnail.jpg") as path:
        save_thumbnail(path, script, look, gallery)


def load_sound(work: Work, name: str, narration: Narration) -> Sound:
    """Return the voice mixed with the music of the settings, and declare that file.

    Raises `BrokenFileError` if the voice cannot be read, and `SettingsError` if the music cannot.
    """
    sound = read_wav(work.folder / name)
    music = music_path(str(work.settings["music"]), work.workspace)
    if music is None:
        return sound
    spoken = [(word.start, word.end) for passage in narration.passages for word in passage.words]
    return add_music(sound, work.reads(music), spoken)


def load_look(work: Work, script: Script, shape: Shape) -> Look:
    """Return the look for settings and script, and declare the files of the user's style and fonts."""
    style = load_style(str(work.settings["style"]), work.workspace)
    for path in style.files:
        work.reads(path)
    fonts = load_fonts(str(work.settings["font_dir"]), work.workspace)
    for path in fonts.custom_files:
        work.reads(path)
    return make_look(shape, style, fonts, script.book_title, script.direction == "rtl")


def load_gallery(work: Work, script: Script) -> Gallery:
    """Return the user's pictures for the book, and declare them.

    Raises `RenderError`, naming the first picture that cannot be used.
    """
    gallery = find_pictures(work.workspace, script.book_title)
    for folder in gallery.folders:
        work.reads_names(folder)
    if gallery.unsupported:
        names = ", ".join(path.name for path in gallery.unsupported)
        work.note(f"Not used: {names}; save pictures as JPEG or PNG, and clips as MP4")
    check_gallery(gallery)
    for path in gallery.all:
        work.reads(path)
    return gallery


def write_film(work: Work, name: str, film: Film, sound: Sound) -> None:
    """Encode `film` with `sound` into the file `name`, reporting the number of finished frames.

    Finished segments stay in the run folder until the film is complete, so the next attempt continues from them.
    """
    output = parse_output(work.settings)
    folder = work.folder / FOLDER / Path(name).stem
    with work.product(name) as path:
        render_film(path, folder, film, sound, output, work.workers + 1, _frame_reporter(work, film.frame_count))
    remove_segments(folder)
    _remove_other_formats(work.folder / name)


def _remove_other_formats(path: Path) -> None:
    """Remove the same film in the format of an earlier setting, unless it was published."""
    if (path.parent / RECEIPTS[path.stem]).exists():
        return
    for container in VIDEO_CODECS:
        if (other := path.with_suffix(f".{container}")) != path:
            other.unlink(missing_ok=True)


def write_text(work: Work, name: str, text: str) -> None:
    """Write a text file of the run folder, complete or not at all."""
    with work.product(name) as path:
        path.write_text(text, encoding="utf-8", newline="\n")


def _frame_reporter(work: Work, total: int) -> Callable[[int], None]:
    last = 0.0

    def report(done: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done == total or now - last >= 1 / MAX_REPORTS_PER_SECOND:
            last = now
            work.progress(done, total, "frames")

    return report
