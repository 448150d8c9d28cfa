"""WAV files are read back as written, and broken ones are reported with their name."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.errors import BrokenFileError
from pressrun.media.sound import Sound, read_wav, shift_words, silence, write_wav
from pressrun.model.script import Word


def test_sound_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    sound = Sound(bytes(range(256)) * 10, 22050)
    write_wav(tmp_path / "voice.wav", sound)
    assert read_wav(tmp_path / "voice.wav") == sound


@pytest.mark.parametrize("content", [b"", b"RIFF", b"text instead of sound"])
def test_a_broken_file_is_reported_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "voice.wav").write_bytes(content)
    with pytest.raises(BrokenFileError, match=r"voice\.wav"):
        read_wav(tmp_path / "voice.wav")


def test_a_truncated_file_is_reported_with_its_size(tmp_path: Path) -> None:
    write_wav(tmp_path / "voice.wav", Sound(silence(1.0, 8000), 8000))
    whole = (tmp_path / "voice.wav").read_bytes()
    (tmp_path / "voice.wav").write_bytes(whole[:-5000])
    with pytest.raises(BrokenFileError, match="11000 of 16000 bytes"):
        read_wav(tmp_path / "voice.wav")


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BrokenFileError, match="missing"):
        read_wav(tmp_path / "voice.wav")


def test_words_are_shifted_in_time() -> None:
    assert shift_words([Word("a", 0.1, 0.2)], 1.5) == (Word("a", 1.6, 1.7),)
