"""Any voice speaks a written text in the words of a person, and the captions keep the words as written."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from pressrun.errors import VoiceError
from pressrun.model.script import Word
from pressrun.services.protocols import Context, Progress, Readiness, Speech
from pressrun.services.reading import ReadWord
from pressrun.services.voices import espeak
from pressrun.services.voices.narration import match_words, prepare_texts, speak_text

CONTEXT = Context(Path(), {})
RATE = 1000
"""Samples per second of the voice below."""


class Recorder:
    """A voice of 0.1 s per letter that records its texts."""

    NAME = "recorder"
    NEEDS_NETWORK = False

    def __init__(self, *, reads_text: bool = False) -> None:
        self.READS_TEXT = reads_text
        self.texts: list[str] = []
        self.prepared: list[str] = []

    def ready(self, context: Context) -> Readiness:
        return Readiness(True, "it is a test")

    def prepare(self, texts: list[str], language: str, rate: int, progress: Progress, context: Context) -> None:
        self.prepared += texts

    def speak(self, text: str, language: str, rate: int, context: Context) -> Speech:
        if not text:
            raise VoiceError("There is nothing to speak", remedy="Write a text.")
        self.texts.append(text)
        words, at = [], 0.0
        for word in text.split():
            words.append(Word(word, round(at, 4), round(at + 0.1 * len(word), 4)))
            at += 0.1 * len(word)
        return Speech(b"\1\1" * round(at * RATE), RATE, tuple(words), "voice")


def test_a_written_word_has_the_time_of_all_its_spoken_words() -> None:
    voice = Recorder()
    speech = speak_text(voice, "In 1984, he", "en", 165, CONTEXT)
    assert voice.texts == ["In nineteen eighty-four, he"]
    assert speech.words == (Word("In", 0, 0.2), Word("1984,", 0.2, 2.2), Word("he", 2.2, 2.4))


@pytest.mark.parametrize("text", ["👍 In 1984 👍 🎉 he left. 👍", "a 👍", "👍 a", "— In — 1984 —"])
def test_a_word_without_sound_takes_a_little_time_next_to_a_spoken_one(text: str) -> None:
    words = speak_text(Recorder(), text, "en", 165, CONTEXT).words
    assert [word.text for word in words] == text.split()
    assert all(word.start < word.end for word in words)
    assert all(a.end <= b.start for a, b in pairwise(words))


def test_words_without_spaces_keep_the_times_of_their_pieces() -> None:
    spoken = [Word("小さな", 0, 1), Word("家です。", 1, 2), Word("two", 2, 3)]
    read = [ReadWord("小さな家です。", "小さな家です。"), ReadWord("2", "two")]
    assert match_words(read, spoken) == (*spoken[:2], Word("2", 2, 3))


def test_paragraphs_are_spoken_apart_with_a_pause_between() -> None:
    voice = Recorder()
    speech = speak_text(voice, "One.\n\n👍\n \nTwo\nthree.\n\n", "en", 165, CONTEXT)
    assert voice.texts == ["One.", "Two three."]
    assert [word.text for word in speech.words] == ["One.", "👍", "Two", "three."]
    assert speech.words[2].start - speech.words[1].end == pytest.approx(0.617, abs=0.01)
    assert len(speech.pcm) / 2 / RATE == pytest.approx(speech.words[-1].end, abs=0.01)


def test_a_voice_that_declares_that_it_reads_text_gets_it_as_written() -> None:
    voice = Recorder(reads_text=True)
    speak_text(voice, "In 1984.", "en", 165, CONTEXT)
    assert prepare_texts(voice, ["In 1984.\n\nDr. No"], "en", 165, lambda *_: None, CONTEXT)
    assert voice.texts == ["In 1984."]
    assert voice.prepared == ["In 1984.", "Dr. No"]


def test_the_voice_reports_a_text_without_sound() -> None:
    with pytest.raises(VoiceError):
        speak_text(Recorder(), " \n\n ", "en", 165, CONTEXT)


@pytest.mark.parametrize("text", ["I", "x", "7", "He left.\n\nShe came.", "— … —\n\nHello."])
def test_a_text_of_any_length_begins_and_ends_in_silence(text: str) -> None:
    speech = speak_text(espeak, text, "en", 165, CONTEXT)
    assert speech.pcm[:2] == speech.pcm[-2:] == b"\0\0"
    assert [word.text for word in speech.words] == text.split()


def test_a_sentence_of_more_than_400_words_is_spoken_whole() -> None:
    text = " and ".join(f"the house number {number} stood there" for number in range(70)) + "."
    words = speak_text(espeak, text, "en", 340, CONTEXT).words
    assert len(words) > 400
    assert " ".join(word.text for word in words) == text
