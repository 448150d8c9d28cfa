"""Music under a voice: the user's file, repeated as long as necessary, and quieter during speech.

Everything is in stereo float planes at `RATE` samples per second, and in pieces, so that memory does not depend on the
length of the video or of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.errors import SettingsError
from pressrun.media.sound import RATE, MusicBed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    """(2, samples) from -1 to 1."""

DEMUXERS = "mp3,wav,w64,flac,ogg,aac,aiff,caf,wv,mov,matroska,webm"
"""FFmpeg demuxers that may open the file. Playlists (hls, concat and the like) are not among them: they open other
files."""
FORMAT_NAMES = "MP3, WAV, FLAC, Ogg, Opus, M4A or AIFF"
SPEECH_DISTANCE = -20.0
"""Loudness of the music during speech relative to the voice in LU (WCAG 2.2, success criterion 1.4.7: at least 20 dB
lower)."""
DUCKING = 12.0
"""dB by which the music is quieter during speech."""
ATTACK, RELEASE = 0.3, 0.7
"""Seconds in which the music fades down before a word and up after one."""
MAX_GAP = 1.6
"""Seconds. During a shorter silence between words the music stays down: going up and down again would pump."""
FADE_IN, FADE_OUT = 0.4, 1.2
"""Seconds at the beginning and at the end of the video."""
CROSS_FADE = 2.0
"""Seconds in which the end of the file fades into its beginning, or a third of a very short file."""
MAX_CACHED_SECONDS = 90
"""Up to this length, a file is decoded once and kept in memory (35 MB) instead of decoded for each repetition."""
GAIN_STEP = 1024
"""Samples between two points at which the gain is computed (21 ms)."""
MIN_SECONDS = 0.5
"""A shorter file is not music."""


def music_path(setting: str, workspace: Path) -> Path | None:
    """Return the file named in the setting (may be relative to `workspace`), or None if the setting is empty.

    Raises `SettingsError` if the file does not exist or has no sound.
    """
    if not setting.strip():
        return None
    path = workspace / Path(setting.strip()).expanduser()
    if not path.is_file():
        raise SettingsError(
            f"music: the file {path} does not exist",
            remedy="Correct the path. Relative paths are relative to the workspace.",
        )
    if next(decode_music(path), None) is None:
        raise unusable_music_error(path, "it has no sound")
    return path


def music_pieces(bed: MusicBed) -> Iterator[Samples]:
    """Yield the music with all fades applied, without end."""
    import numpy as np

    at = 0
    for piece in _repeat(bed.path, bed.samples):
        count = piece.shape[1]
        # Interpolated between close points, which sounds the same and costs next to nothing.
        points = [*range(0, count, GAIN_STEP), count]
        factors = [_factor_at(bed, (at + point) / RATE) for point in points]
        yield piece * np.interp(np.arange(count), points, factors).astype(np.float32)
        at += count


def _factor_at(bed: MusicBed, time: float) -> float:
    """Return the factor for the samples of the file at `time`, in seconds of the video."""
    if not 0 < time < bed.seconds:
        return 0.0
    fade = min(time / FADE_IN, (bed.seconds - time) / FADE_OUT, 1.0)
    ducked = 0.0
    for start, end in bed.speech:
        distance = max((start - time) / ATTACK, (time - end) / RELEASE, 0.0)
        ducked = min(ducked, DUCKING * (min(distance, 1.0) - 1.0))
    return float(fade * 10 ** ((bed.gain + ducked) / 20))


def join_words(words: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return the (start, end) of speech: words in order, joined if the silence between them is short."""
    speech: list[tuple[float, float]] = []
    for start, end in words:
        if speech and start - speech[-1][1] < MAX_GAP:
            speech[-1] = (speech[-1][0], end)
        else:
            speech.append((start, end))
    return tuple(speech)


def _repeat(path: Path, samples: int) -> Iterator[Samples]:
    """Yield the first `samples` of the file again and again, with cross-fades of equal power between repetitions."""
    import numpy as np

    fade = min(round(CROSS_FADE * RATE), samples // 3)
    rise = np.sin(np.linspace(0, np.pi / 2, fade, dtype=np.float32))
    cached = list(decode_music(path)) if samples <= MAX_CACHED_SECONDS * RATE else None
    tail: Samples | None = None
    while True:
        held, taken = np.zeros((2, 0), np.float32), 0
        for piece in cached or decode_music(path):
            part = piece[:, :samples - taken]
            taken += part.shape[1]
            held = np.concatenate([held, part], axis=1)
            if tail is not None and held.shape[1] >= fade:
                # The tail of the repetition before fades out over the start of this one.
                held[:, :fade] = held[:, :fade] * rise + tail * rise[::-1]
                tail = None
            # The last `fade` samples are held back, because they may be the tail.
            if tail is None and held.shape[1] > 2 * fade:
                yield held[:, :-fade]
                held = held[:, -fade:]
        if taken < samples:
            raise unusable_music_error(path, "it became shorter during reading")
        yield held[:, :-fade]
        tail = held[:, -fade:]


def decode_music(path: Path) -> Iterator[Samples]:
    """Yield the sound of a file in pieces of about a second. Raises `SettingsError` if it has no sound."""
    import av
    import numpy as np
    from av.error import FFmpegError

    # The prefix keeps a name like "http:x.mp3" a file name, and the lists keep the content from opening anything else.
    options = {"format_whitelist": DEMUXERS, "protocol_whitelist": "file"}
    held: list[Samples] = []
    try:
        with av.open(f"file:{path}", options=options) as file:
            if not file.streams.audio:
                raise unusable_music_error(path, "it has no sound")
            resampler = av.AudioResampler("fltp", "stereo", RATE)
            for frame in chain(file.decode(file.streams.audio[0]), (None,)):
                held += [each.to_ndarray().astype(np.float32, copy=False) for each in resampler.resample(frame)]
                if sum(piece.shape[1] for piece in held) >= RATE:
                    yield np.concatenate(held, axis=1)
                    held = []
    except (FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise unusable_music_error(path, f"it cannot be read as sound ({reason})") from error
    if held:
        yield np.concatenate(held, axis=1)


def unusable_music_error(path: Path, reason: str) -> SettingsError:
    """Return the error for a file that cannot be used as music."""
    return SettingsError(
        f"music: {path} cannot be used: {reason}",
        remedy=f"Choose a sound file ({FORMAT_NAMES}), or leave music empty.",
    )
