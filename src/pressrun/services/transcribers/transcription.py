"""Transcribe recordings of any length: window by window, with a journal from which an interrupted run continues."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from pressrun.errors import BrokenFileError, SourceError
from pressrun.services.protocols import Context, Progress
from pressrun.services.transcribers.decoding import (
    SAMPLE_RATE,
    Damage,
    choose_channel,
    choose_tracks,
    decode_audio,
)
from pressrun.services.transcribers.filtering import RecognizedSegment, RecognizedWord
from pressrun.services.transcribers.journal import JOURNAL, Journal
from pressrun.services.transcribers.probing import MediaFile, probe_media
from pressrun.services.transcribers.recognition import WindowResult, recognize_window
from pressrun.services.transcribers.windows import SpeechDetector, split_windows
from pressrun.store import json_files

REMOVED_FILE = "transcript.removed.json"
JOURNAL_VERSION = 1
"""Raised when the same input would give other words."""
LONG_RECORDING = 600.0
"""Seconds of audio from which the time limit grows with the length."""
TIME_FACTOR = 6.0
"""Seconds of work for a second of audio that are still normal: for a large model on a small machine."""
MIN_INVERTED_SHARE = 0.2
"""Share of the audio whose channels cancel each other out from which a note says so."""
MIN_MISSING_SECONDS = 5.0


class ListedWords(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of `transcript.removed.json`. Times are in seconds; users set `restore` to true to put the words back.
    """

    start: float
    end: float
    text: str
    reason: str
    track: int = 1
    restore: bool = False


@dataclass(frozen=True)
class TrackSegment:
    """A recognized segment, the number of its audio track, and its language."""

    segment: RecognizedSegment
    track: int
    language: str


def transcribe_media(
    media: Path,
    language: str,
    model_identity: Iterable[str],
    load_model: Callable[[], Any],
    progress: Progress,
    context: Context,
) -> tuple[TrackSegment, ...]:
    """Return the segments of the speech in `media`, ordered by time.

    `language` is a code or "auto". The model is loaded once the file turns out to be usable, and not at all if the
    journal in `context.folder` already has every window. `model_identity` tells apart models with different results.

    Raises `SourceError` if the file cannot be decoded or contains no speech.
    """
    found = probe_media(media)
    setting, every = str(context.settings.get("audio_track", "auto")), bool(context.settings.get("all_tracks", False))
    tracks = choose_tracks(found, media.name, setting, every, "" if language == "auto" else language)
    channels = {track: choose_channel(found, media.name, setting, track) for track in tracks}
    seconds = found.seconds * len(tracks)
    if seconds > LONG_RECORDING:
        context.extend_deadline(TIME_FACTOR * seconds)
    header = {
        "journal": JOURNAL_VERSION,
        "media": _hash(media),
        "tracks": [[track, channels[track]] for track in tracks],
        "language": language,
        "model": list(model_identity),
    }
    run = _Run(media, found, language, load_model, progress, context)
    with Journal(context.folder / JOURNAL if context.folder else None, header) as journal:
        for index, track in enumerate(tracks):
            run.transcribe_track(journal, track, channels[track], index, len(tracks))
        records = journal.records
    segments, removed = _collect(records)
    removed, restored = _restore(removed, context.folder)
    segments = sorted((*segments, *restored), key=lambda each: (each.segment.start, each.track))
    if not segments:
        detail = f"; {len(removed)} passages that were probably not said are in {REMOVED_FILE}" if removed else ""
        raise SourceError(f"{media.name}: no speech was recognized{detail}", remedy="Put its text next to it as .txt.")
    return tuple(segments)


class _Run:
    """The transcription of one file. The model and the speech detector are loaded for the first window that needs them.
    """

    def __init__(
        self, media: Path, found: MediaFile, language: str, load_model: Callable[[], Any], progress: Progress,
        context: Context,
    ) -> None:
        self._media, self._found, self._language = media, found, language
        self._load_model, self._progress, self._context = load_model, progress, context
        self._model: Any = None

    def transcribe_track(self, journal: Journal, track: int, channel: int | None, index: int, count: int) -> None:
        """Append the windows of a track that the journal does not have yet."""
        earlier = [record for record in journal.records if record["track"] == track]
        if earlier and earlier[-1].get("complete"):
            return
        start = earlier[-1]["end"] if earlier else 0
        previous = next((record["language"] for record in reversed(earlier) if record["language"]), "")
        damage = Damage()
        total = self._found.seconds * count

        def report(seconds: float) -> None:
            done = index * self._found.seconds + seconds
            self._progress(min(done, total) if total else done, total, "seconds")

        pieces = decode_audio(self._media, track, channel, damage)
        for window in split_windows(pieces, SpeechDetector(), start):
            result = WindowResult("", ())
            if window.passages:
                self._model = self._model or self._load_model()
                result = recognize_window(self._model, window, self._language, previous, report)
                previous = result.language or previous
            end = window.start + len(window.samples)
            journal.append({"track": track, "start": window.start, "end": end, **_encode(result)})
            report(end / SAMPLE_RATE)
        position = max(start, round(damage.seconds * SAMPLE_RATE))
        journal.append({"track": track, "start": position, "end": position, **_encode(WindowResult("", ())),
                        "complete": True})
        self._note_damage(damage, track if count > 1 else 0)

    def _note_damage(self, damage: Damage, track: int) -> None:
        """Tell the user what may be missing from the transcript."""
        name = f"{self._media.name}, audio track {track}" if track else self._media.name
        if damage.bad_packets:
            self._context.note(f"{name}: {damage.bad_packets} damaged packets could not be decoded; they are silent")
        if damage.inverted_samples > MIN_INVERTED_SHARE * damage.seconds * SAMPLE_RATE:
            self._context.note(f"{name}: the stereo channels cancel each other out; the louder one is transcribed")
        missing = self._found.seconds - damage.seconds
        if missing >= MIN_MISSING_SECONDS and (damage.unreadable_rest or self._found.incomplete):
            self._context.note(
                f"{name}: the audio ends after {damage.seconds:.0f} of {self._found.seconds:.0f} seconds; "
                "the rest of the file is missing or damaged"
            )


def _encode(result: WindowResult) -> dict[str, Any]:
    return {
        "language": result.language,
        "segments": [[[w.text, w.start, w.end, w.probability] for w in each.words] for each in result.segments],
        "removed": [asdict(each) for each in result.removed],
    }


def _collect(records: Iterable[dict[str, Any]]) -> tuple[list[TrackSegment], list[ListedWords]]:
    """Return the segments and the removed words of all windows."""
    segments: list[TrackSegment] = []
    removed: list[ListedWords] = []
    for record in records:
        for words in record["segments"]:
            segment = RecognizedSegment(tuple(RecognizedWord(*word) for word in words))
            segments.append(TrackSegment(segment, record["track"], record["language"]))
        removed += [ListedWords(**each, track=record["track"]) for each in record["removed"]]
    return segments, removed


def _restore(removed: list[ListedWords], folder: Path | None) -> tuple[list[ListedWords], list[TrackSegment]]:
    """Write the list of removed words, and return it with the segments that the user restores by an earlier list."""
    if folder is None:
        return removed, []
    path = folder / REMOVED_FILE
    wanted: set[tuple[float, str, int]] = set()
    if path.is_file():
        try:
            wanted = {
                (each.start, each.text, each.track)
                for each in json_files.load(path, tuple[ListedWords, ...])
                if each.restore
            }
        except BrokenFileError:
            if not removed:
                return removed, []
            raise
    listed = [msgspec.structs.replace(each, restore=(each.start, each.text, each.track) in wanted) for each in removed]
    if listed or path.is_file():
        json_files.save(path, listed)
    restored = [
        TrackSegment(
            RecognizedSegment((RecognizedWord(f" {each.text}", each.start, each.end, 0.0),)), each.track, ""
        )
        for each in listed
        if each.restore
    ]
    return [each for each in listed if not each.restore], restored


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
