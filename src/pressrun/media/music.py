"""Music under a voice: the user's file, repeated for as long as it is needed, and quieter while somebody speaks.

Everything is in stereo float planes at `RATE` samples per second, and comes in pieces, so that memory stays flat
however long the video or the file is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.errors import SettingsError
from pressrun.media.sound import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

FORMATS = "mp3,wav,w64,flac,ogg,aac,aiff,caf,wv,mov,matroska,webm"
"""Demuxers that may open the file. Playlists (hls, concat and their like) open other files and are not among them."""
KINDS = "MP3, WAV, FLAC, Ogg, Opus, M4A or AIFF"
UNDER_SPEECH = -20.0
"""LU of the music beside the voice while it speaks (WCAG 2.2, success criterion 1.4.7: at least 20 dB lower)."""
DUCKED = 12.0
"""dB by which it goes down for that."""
ATTACK, RELEASE = 0.3, 0.7
"""Seconds in which it goes down before a word and comes up after one."""
SHORT_GAP = 1.6
"""Seconds of silence between words for which it stays down: up and at once down again would pump."""
FADE_IN, FADE_OUT = 0.4, 1.2
"""Seconds at the beginning and at the end of the video."""
CROSS_FADE = 2.0
"""Seconds in which the end of the file goes over into its beginning; a third of a very short file."""
KEPT = 90
"""Seconds of a file up to which it is decoded once and kept, 35 MB, instead of once for each repetition."""
STEP = 1024
"""Samples between two points at which its level is worked out, 21 ms."""
SHORTEST = 0.5
"""Seconds of sound below which a file is no music."""


@dataclass(frozen=True)
class Bed:
    """Music laid under a voice for `seconds`: the first `samples` of the file, repeated, louder by `gain` dB.

    `speech` are the stretches (start, end) during which it is quieter.
    """

    path: Path
    samples: int
    gain: float
    speech: tuple[tuple[float, float], ...]
    seconds: float


def music_path(setting: str, workspace: Path) -> Path | None:
    """The file that the setting names, from the workspace where it is relative; None where it names none.

    Raises `SettingsError` when there is no such file, or none that is music.
    """
    if not setting.strip():
        return None
    path = workspace / Path(setting.strip()).expanduser()
    if not path.is_file():
        raise SettingsError(
            f"music: there is no file {path}", remedy="Mend the path; a relative one is one of the workspace."
        )
    if next(decoded(path), None) is None:
        raise not_music(path, "it holds no sound")
    return path


def pieces_of(bed: Bed) -> Iterator[Samples]:
    """The music as it is heard, without end."""
    import numpy as np

    at = 0
    for piece in _repeated(bed.path, bed.samples):
        count = piece.shape[1]
        # Straight between close points: whoever listens hears no difference, and it costs next to nothing.
        points = [*range(0, count, STEP), count]
        factors = [_factor(bed, (at + point) / RATE) for point in points]
        yield piece * np.interp(np.arange(count), points, factors).astype(np.float32)
        at += count


def _factor(bed: Bed, time: float) -> float:
    """By what the samples of the file are multiplied at `time`, in seconds of the video."""
    if not 0 < time < bed.seconds:
        return 0.0
    faded = min(time / FADE_IN, (bed.seconds - time) / FADE_OUT, 1.0)
    ducked = 0.0
    for start, end in bed.speech:
        away = max((start - time) / ATTACK, (time - end) / RELEASE, 0.0)
        ducked = min(ducked, DUCKED * (min(away, 1.0) - 1.0))
    return float(faded * 10 ** ((bed.gain + ducked) / 20))


def stretches(words: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """(start, end) of words in order, joined where the silence between them is short."""
    joined: list[tuple[float, float]] = []
    for start, end in words:
        if joined and start - joined[-1][1] < SHORT_GAP:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def _repeated(path: Path, samples: int) -> Iterator[Samples]:
    """The first `samples` of the file again and again, its end going over into its beginning with equal power."""
    import numpy as np

    fade = min(round(CROSS_FADE * RATE), samples // 3)
    rise = np.sin(np.linspace(0, np.pi / 2, fade, dtype=np.float32))
    kept = list(decoded(path)) if samples <= KEPT * RATE else None
    tail: Samples | None = None
    while True:
        held, taken = np.zeros((2, 0), np.float32), 0
        for piece in kept or decoded(path):
            part = piece[:, :samples - taken]
            taken += part.shape[1]
            held = np.concatenate([held, part], axis=1)
            if tail is not None and held.shape[1] >= fade:
                held[:, :fade] = held[:, :fade] * rise + tail * rise[::-1]
                tail = None
            if tail is None and held.shape[1] > 2 * fade:
                yield held[:, :-fade]
                held = held[:, -fade:]
        if taken < samples:
            raise not_music(path, "it became shorter while it was read")
        yield held[:, :-fade]
        tail = held[:, -fade:]


def decoded(path: Path) -> Iterator[Samples]:
    """The sound of the file in pieces of a second. Raises `SettingsError` when it is none."""
    import av
    import numpy as np
    from av.error import FFmpegError

    # The prefix keeps a name such as "http:x.mp3" a name; the lists keep the content from opening anything else.
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    held: list[Samples] = []
    try:
        with av.open(f"file:{path}", options=options) as file:
            if not file.streams.audio:
                raise not_music(path, "it holds no sound")
            resampler = av.AudioResampler("fltp", "stereo", RATE)
            for frame in chain(file.decode(file.streams.audio[0]), (None,)):
                held += [each.to_ndarray().astype(np.float32, copy=False) for each in resampler.resample(frame)]
                if sum(piece.shape[1] for piece in held) >= RATE:
                    yield np.concatenate(held, axis=1)
                    held = []
    except (FFmpegError, OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise not_music(path, f"it cannot be read as sound ({why})") from error
    if held:
        yield np.concatenate(held, axis=1)


def not_music(path: Path, why: str) -> SettingsError:
    """The error for a file that is no music, completing "cannot be used"."""
    return SettingsError(
        f"music: {path} cannot be used: {why}", remedy=f"Name a sound file: {KINDS}. Leave music empty for none."
    )
