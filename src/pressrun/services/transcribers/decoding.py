"""Decode the audio of a media file for speech recognition: mono, 16 bits, 16 000 samples per second.

The samples follow the clock of the container: sample n is heard n / 16 000 seconds after the start of the file in a
player. Silence fills a late start, a gap and packets that are lost or cannot be decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.errors import SourceError
from pressrun.services.transcribers.probing import AudioTrack, MediaFile, open_media, probe_media

if TYPE_CHECKING:
    import numpy as np

    Samples = np.ndarray[tuple[int, ...], np.dtype[np.int16]]

SAMPLE_RATE = 16_000
SAMPLE_BYTES = 2
MAX_CLOCK_ERROR = 0.03
"""Seconds by which samples may be off the clock. Coarse timestamps, e.g. milliseconds in Matroska, jitter by less."""
MAX_STEP_BACK = 1.0
"""Seconds. A larger step back is a clock that was restarted: the audio continues, and nothing is dropped."""
MAX_LEAD = 60.0
"""Seconds before the start of the file that are dropped; anything earlier is a clock with another zero."""
MAX_GAP_PAST_END = 10.0
"""Seconds after the end of the file to which a timestamp may jump; beyond it the timestamp is damaged."""
MAX_GAP = 3600.0
"""Seconds of a gap in a file that gives no length."""
MAX_READ_ERRORS = 100
"""Errors in a row while reading packets, after which the rest counts as unreadable."""
SILENCE_SAMPLES = 10 * SAMPLE_RATE
"""Samples of silence that are yielded at once."""
MIN_MIX_POWER = 0.1
"""Power of the mix, as a share of the louder channel, below which the channels cancel each other out."""


@dataclass
class Damage:
    """What was wrong with the audio that was decoded so far."""

    bad_packets: int = 0
    inverted_samples: int = 0
    """Samples taken from one channel because the channels cancel each other out."""
    seconds: float = 0.0
    """Length of the decoded audio."""
    unreadable_rest: bool = False


def media_seconds(path: Path) -> float:
    """Return the length according to the file, or 0 if it does not give one."""
    with open_media(path) as container:
        return float(container.duration or 0) / 1_000_000


def choose_tracks(media: MediaFile, name: str, setting: str, every: bool, language: str) -> tuple[int, ...]:
    """Return the numbers of the tracks to transcribe: all of them, the one in the setting, or the one a player plays.

    Raises `SourceError` if the file does not have the track.
    """
    if every:
        return tuple(track.number for track in media.tracks)
    number = setting.partition(":")[0]
    if number in ("", "auto"):
        def rank(track: AudioTrack) -> tuple[bool, bool, int]:
            return not language or track.language != language, not track.default, track.number

        return (min(media.tracks, key=rank).number,)
    if not number.isdecimal() or not 1 <= int(number) <= len(media.tracks):
        count = len(media.tracks)
        raise SourceError(
            f"Setting audio_track: {name} has no audio track {number}; it has {count}",
            remedy=f"Set audio_track to a number from 1 to {count}, or to auto." if count > 1 else "Use auto or 1.",
        )
    return (int(number),)


def choose_channel(media: MediaFile, name: str, setting: str, track: int) -> int | None:
    """Return the channel in a setting like `1:left`, counted from 0, or None for a mix of all.

    Raises `SourceError` if the track does not have the channel.
    """
    word = setting.partition(":")[2].strip().lower()
    if not word:
        return None
    number = {"left": "1", "right": "2"}.get(word, word)
    channels = media.tracks[track - 1].channels
    if not number.isdecimal() or not 1 <= int(number) <= max(channels, 1):
        raise SourceError(
            f"Setting audio_track: audio track {track} of {name} has no channel {word}; it has {channels}",
            remedy=f"Use a channel from 1 to {channels}, left or right, as in 1:left.",
        )
    return int(number) - 1


def decode_audio(
    path: Path, track: int = 0, channel: int | None = None, damage: Damage | None = None
) -> Iterator[bytes]:
    """Yield the PCM of an audio track, little-endian, in pieces of ten seconds or less.

    `track` counts from 1; 0 is the track that a player plays. What cannot be decoded is silent and is counted in
    `damage`. Raises `SourceError` if the file has no audio or none of it can be decoded.
    """
    damage = Damage() if damage is None else damage
    number = track or choose_tracks(probe_media(path), path.name, "auto", False, "")[0]
    with open_media(path) as container:
        stream = container.streams.audio[number - 1]
        empty = True
        for piece in _follow_clock(_timed_samples(container, stream, channel, damage), container):
            empty = False
            damage.seconds += piece.size / SAMPLE_RATE
            yield piece.astype("<i2", copy=False).tobytes()
    if empty:
        raise SourceError(
            f"{path.name} cannot be decoded: its audio is damaged from the start",
            remedy="Copy or download it again, or put its transcript next to it as .txt or .srt.",
        )


def _timed_samples(
    container: Any, stream: Any, channel: int | None, damage: Damage
) -> Iterator[tuple[float | None, Samples]]:
    """Yield mono samples at 16 000 per second with the time of the first, or None if it has none."""
    import av

    resampler: Any = None
    form: Any = None
    mixer = _Mixer(channel, damage)
    for frame in _frames(container, stream, damage):
        now = (frame.format.name, frame.layout.name, frame.sample_rate)
        if now != form:  # some streams change in the middle, and a resampler takes only one form
            if resampler:
                yield from mixer.mix(resampler.resample(None))
            wide = "mono" if len(frame.layout.channels) == 1 else "stereo"
            layout = frame.layout.name if channel is not None else wide
            resampler, form = av.AudioResampler("s16p", layout, SAMPLE_RATE), now
        try:
            parts = resampler.resample(frame)
        except (av.FFmpegError, ValueError):  # a damaged packet can be decoded to a form that does not exist
            damage.bad_packets += 1
            resampler = form = None
            continue
        yield from mixer.mix(parts)
    if resampler:
        yield from mixer.mix(resampler.resample(None))


def _frames(container: Any, stream: Any, damage: Damage) -> Iterator[Any]:
    """Yield the frames that can be decoded, and continue after errors as the ffmpeg program does."""
    import av

    packets = container.demux(stream)
    errors = 0
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            errors += 1
            damage.bad_packets += 1
            if errors >= MAX_READ_ERRORS:
                damage.unreadable_rest = True
                return
            packets = container.demux(stream)  # a generator ends with its first error
            continue
        if packet is None:
            return
        errors = 0
        try:
            yield from packet.decode()
        except av.FFmpegError:
            damage.bad_packets += 1


class _Mixer:
    """Turns resampled frames into mono samples. Stereo whose channels cancel each other out keeps the louder one."""

    def __init__(self, channel: int | None, damage: Damage) -> None:
        self._channel = channel
        self._damage = damage

    def mix(self, frames: list[Any]) -> Iterator[tuple[float | None, Samples]]:
        for frame in frames:
            planes = frame.to_ndarray()
            if planes.shape[1]:
                time = None if frame.pts is None else float(frame.pts * frame.time_base)
                yield time, self._to_mono(planes)

    def _to_mono(self, planes: Any) -> Samples:
        import numpy as np

        if len(planes) == 1:
            return np.asarray(planes[0], np.int16)
        if self._channel is not None:
            return np.asarray(planes[min(self._channel, len(planes) - 1)], np.int16)
        wide = planes.astype(np.int32)
        mixed = (wide[0] + wide[1]) // 2
        power = [float(np.mean(np.square(each, dtype=np.float64))) for each in (wide[0], wide[1], mixed)]
        if power[2] < MIN_MIX_POWER * max(power[:2]):
            self._damage.inverted_samples += mixed.size
            mixed = wide[0] if power[0] >= power[1] else wide[1]
        return np.asarray(mixed, np.int16)


def _follow_clock(timed: Iterator[tuple[float | None, Samples]], container: Any) -> Iterator[Samples]:
    """Yield the samples at the positions that their times demand: fill gaps with silence, and drop what overlaps."""
    import numpy as np

    start = _clock_start(container)
    length = float(container.duration or 0) / 1_000_000
    position = 0  # samples yielded
    restart = 0  # samples to add to every time after the clock was restarted
    for time, samples in timed:
        wanted = position if time is None else round((time - start) * SAMPLE_RATE) + restart
        shift = wanted - position
        limit = max(length + MAX_GAP_PAST_END - position / SAMPLE_RATE, 0.0) if length else MAX_GAP
        if shift < -SAMPLE_RATE * (MAX_STEP_BACK if position else MAX_LEAD) or shift > limit * SAMPLE_RATE:
            restart -= shift
        elif shift > MAX_CLOCK_ERROR * SAMPLE_RATE:
            for left in range(shift, 0, -SILENCE_SAMPLES):
                yield np.zeros(min(left, SILENCE_SAMPLES), np.int16)
            position += shift
        elif shift < -MAX_CLOCK_ERROR * SAMPLE_RATE or (shift < 0 and position == 0):
            samples = samples[-shift:]
        if samples.size:
            position += samples.size
            yield samples


def _clock_start(container: Any) -> float:
    """Return the timestamp at which a player shows 0.

    MP4 and Matroska count from 0 even if nothing starts there. Other formats, such as MP3 with its encoder delay, count
    from their first timestamp.
    """
    if {"mov", "matroska", "webm"} & set(container.format.name.split(",")):
        return 0.0
    return float(container.start_time or 0) / 1_000_000
