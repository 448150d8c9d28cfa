"""tts creates an audio file for the video, one for the short, and a time for every word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.speech import Speech, Trouble
from tests.unit.stages.events import Recorder

from pressrun.errors import NetworkError, ScriptError, ServiceUnavailableError, VoiceError
from pressrun.media.sound import read_wav
from pressrun.model.book import Book
from pressrun.model.script import Narration, Scene, Script
from pressrun.model.stage_protocol import Fact
from pressrun.services.pace import video_seconds
from pressrun.services.voices import espeak
from pressrun.stages import tts
from pressrun.stages.work import Declared, Work
from pressrun.store import json_files

SCRIPT = Script(
    title="A small house", book_title="Walden", author="Thoreau", language="en", direction="ltr",
    hook="A man builds a small house.",
    scenes=(Scene("Living", "He counts every nail. Then he rests."), Scene("Ice", "It breaks.")),
    close="Read it slowly.", description="", tags=(), short="A small house. A large thought.", target_seconds=20.0,
)
ARABIC = replace(
    SCRIPT, language="ar", direction="rtl", hook="مرحبا بالعالم.", scenes=(Scene("بيت", "هذا بيت صغير، وفيه كتاب."),),
    close="شكرا لكم.", short="هذا كتاب صغير.",
)
JAPANESE = replace(
    SCRIPT, language="ja", hook="東京は日本の首都です。", scenes=(Scene("家", "小さな家を建てました。本を読みます。"),),
    close="ゆっくり読んでください。", short="小さな家の話です。",
)

FRENCH = replace(SCRIPT, language="fr")
"""A language without word alignment, which is slow."""


def make_work(folder: Path, script: Script, voice: str = "espeak", **changed: Any) -> Work:
    values = {"speech_rate": 180, "scene_pause": 0.6, "short_seconds": 45.0} | changed
    settings, services = Declared(values, "tts", "setting"), Declared({"voice": voice}, "tts", "service")
    work = Work(folder, folder, Book("Walden"), "tts", "m", settings, services, events=Recorder())
    work.save("script.json", script)
    return work


def notes(work: Work) -> list[str]:
    assert isinstance(work.events, Recorder)
    return work.events.notes


def facts(work: Work) -> list[tuple[str, str]]:
    assert isinstance(work.events, Recorder)
    return [(fact.name, fact.value) for fact in work.events.of(Fact)]


@pytest.mark.parametrize("script", [SCRIPT, ARABIC, JAPANESE], ids=["en", "ar", "ja"])
def test_every_part_is_spoken_in_order_with_all_of_its_words(tmp_path: Path, script: Script) -> None:
    work = make_work(tmp_path, script)
    tts.run(work)
    narration = work.load("words.json", Narration)
    parts = [script.hook, *(scene.narration for scene in script.scenes), script.close]
    assert [passage.text for passage in narration.passages] == parts
    assert [passage.heading for passage in narration.passages][1:-1] == [scene.heading for scene in script.scenes]
    for passage in narration.passages:
        assert "".join(word.text for word in passage.words) == "".join(passage.text.split())
        assert all(passage.start <= word.start < word.end <= passage.end + 1e-3 for word in passage.words)
    assert (narration.language, narration.direction, narration.timing) == (script.language, script.direction, "voice")
    assert narration.duration == pytest.approx(read_wav(tmp_path / "voice.wav").seconds, abs=1e-3)


@pytest.mark.parametrize("pause", [0.6, 2.0])
def test_two_parts_are_separated_by_a_pause(tmp_path: Path, pause: float) -> None:
    work = make_work(tmp_path, SCRIPT, scene_pause=pause)
    tts.run(work)
    passages = work.load("words.json", Narration).passages
    assert [round(b.start - a.end, 2) for a, b in pairwise(passages)] == [pause] * 3
    sound = read_wav(tmp_path / "voice.wav")
    pause = sound.pcm[round((passages[0].end + 0.1) * sound.sample_rate) * 2:][:2000]
    assert not any(pause)


def test_the_short_has_its_own_audio_and_words(tmp_path: Path) -> None:
    work = make_work(tmp_path, SCRIPT)
    tts.run(work)
    short = work.load("short_words.json", Narration)
    assert [passage.text for passage in short.passages] == [SCRIPT.short]
    assert short.duration == pytest.approx(read_wav(tmp_path / "short_voice.wav").seconds, abs=1e-3)
    assert not notes(work)


def test_a_short_that_is_a_little_too_long_is_spoken_faster(tmp_path: Path) -> None:
    text = "He counts every nail and every seed, and he writes down the price. " * 16
    work = make_work(tmp_path, replace(SCRIPT, short=text))
    tts.run(work)
    short = work.load("short_words.json", Narration)
    assert short.duration < 60
    assert short.passages[0].text == text.strip()
    assert "words per minute" in notes(work)[0]


def test_a_short_that_is_far_too_long_is_cut_after_a_sentence(tmp_path: Path) -> None:
    work = make_work(tmp_path, replace(SCRIPT, short="He counts every nail, and he writes down the price. " * 60))
    tts.run(work)
    short = work.load("short_words.json", Narration)
    assert 40 < short.duration < 60
    assert short.passages[0].text.endswith("the price.")
    assert "cut" in notes(work)[0]


def test_a_long_short_is_not_cut_at_a_minute(tmp_path: Path) -> None:
    text = ("He counts every nail, and he writes down the price. " * 26).strip()
    work = make_work(tmp_path, replace(SCRIPT, short=text), short_seconds=90.0)
    tts.run(work)
    short = work.load("short_words.json", Narration)
    assert 61 < short.duration < 180
    assert short.passages[0].text == text
    assert not notes(work)


def test_the_source_of_word_timings_is_recorded_and_estimates_are_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_work(tmp_path, SCRIPT)
    tts.run(work)
    assert facts(work) == [("timing", "voice")]
    speak = espeak.speak
    monkeypatch.setattr(espeak, "speak", lambda *given: replace(speak(*given), timing="sentence"))
    guessed = make_work(tmp_path, SCRIPT)
    tts.run(guessed)
    assert facts(guessed) == [("timing", "sentence")]
    assert "timed per sentence" in notes(guessed)[0]
    assert guessed.load("words.json", Narration).timing == "sentence"


def test_scenes_without_a_pause_follow_immediately(tmp_path: Path) -> None:
    work = make_work(tmp_path, SCRIPT, scene_pause=0.0)
    tts.run(work)
    passages = work.load("words.json", Narration).passages
    assert all(before.end == after.start for before, after in pairwise(passages))


def test_progress_counts_the_parts(tmp_path: Path) -> None:
    work = make_work(tmp_path, SCRIPT)
    tts.run(work)
    assert isinstance(work.events, Recorder)
    steps = work.events.steps
    assert steps == [(done, 5) for done in range(6)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hook": "…"}, "hook"), ({"close": ""}, "close"),
        ({"scenes": (Scene("One", "Yes."), Scene("Two", " "))}, r"scenes\[1\]"),
    ],
)
def test_a_part_without_words_is_named(tmp_path: Path, change: dict[str, Any], field: str) -> None:
    with pytest.raises(ScriptError, match=field):
        tts.run(make_work(tmp_path, replace(SCRIPT, **change)))


def test_a_script_without_scenes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="no scenes"):
        tts.run(make_work(tmp_path, replace(SCRIPT, scenes=())))


def test_a_language_without_a_voice_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match='"xx"'):
        tts.run(make_work(tmp_path, replace(SCRIPT, language="xx")))
    assert [path.name for path in tmp_path.iterdir()] == ["script.json"]


def test_an_unknown_voice_is_an_error_that_lists_all_voices(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailableError, match='"nobody"') as caught:
        tts.run(make_work(tmp_path, SCRIPT, voice="nobody"))
    assert "espeak" in caught.value.remedy


def test_a_voice_that_is_slower_than_expected_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pressrun.services.voices import VOICES, espeak

    class Slow:
        @staticmethod
        def speak(text: str, language: str, rate: int, context: Any) -> Any:
            return espeak.speak(text, language, rate // 2, context)

    monkeypatch.setitem(VOICES, "slow", Slow)
    expected = video_seconds(SCRIPT, 180, 0.6)
    for voice, target, noted in (("slow", expected, True), ("espeak", expected, False), ("espeak", 60.0, False)):
        work = make_work(tmp_path, replace(SCRIPT, target_seconds=target), voice)
        tts.run(work)
        assert any("the voice does not follow the speech rate" in each for each in notes(work)) is noted


@pytest.fixture
def speech(monkeypatch: pytest.MonkeyPatch) -> Iterator[Speech]:
    with Speech() as speech:
        for name, value in speech.environment.items():
            monkeypatch.setenv(name, value)
        yield speech


def test_an_online_voice_prepares_all_parts_at_once_and_stores_them(
    tmp_path: Path, speech: Speech
) -> None:
    speech.seconds = 0.1
    work = replace(make_work(tmp_path, FRENCH, "gtts"), workers=4)
    tts.run(work)
    texts = ["A man builds a small house.", "He counts every nail.", "Then he rests.", "It breaks.", "Read it slowly.",
             "A small house.", "A large thought."]
    assert sorted(speech.texts) == sorted(texts)
    assert speech.most_at_once > 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "script.json", "short_voice.wav", "short_words.json", "tts.parts", "voice.wav", "words.json",
    ]
    assert len(list((tmp_path / "tts.parts").iterdir())) == len(texts)
    assert work.load("words.json", Narration).timing == "sentence"
    assert isinstance(work.events, Recorder)
    steps = work.events.steps
    assert steps == [(done, 7) for done in range(8)]


def test_a_retry_requests_only_the_missing_parts_and_gives_the_same_result(
    tmp_path: Path, speech: Speech
) -> None:
    speech.troubles = [Trouble("hang up", of="Read it slowly")]
    work = make_work(tmp_path, FRENCH, "gtts")
    with pytest.raises(NetworkError):
        tts.run(work)
    spoken = set(speech.texts) - set(speech.refused)
    assert {path.name for path in tmp_path.iterdir()} == {"script.json", "tts.parts"}
    speech.troubles, before = [], len(speech.asked)
    tts.run(work)
    assert not spoken & set(speech.texts[before:])
    first = [(tmp_path / name).read_bytes() for name in ("voice.wav", "words.json", "short_voice.wav")]
    tts.run(replace(work, workers=4))
    assert [(tmp_path / name).read_bytes() for name in ("voice.wav", "words.json", "short_voice.wav")] == first


def test_only_the_edited_sentence_is_spoken_again_and_its_old_part_removed(tmp_path: Path, speech: Speech) -> None:
    work = make_work(tmp_path, FRENCH, "gtts")
    tts.run(work)
    stored, before = set((tmp_path / "tts.parts").iterdir()), len(speech.texts)
    work.save("script.json", replace(FRENCH, hook="A man builds a large house."))
    tts.run(replace(work, settings=Declared({**work.settings, "scene_pause": 1.5}, "tts", "setting")))
    assert speech.texts[before:] == ["A man builds a large house."]
    assert len(set((tmp_path / "tts.parts").iterdir()) & stored) == len(stored) - 1


def test_a_sentence_of_the_short_that_the_video_has_too_is_spoken_once(tmp_path: Path, speech: Speech) -> None:
    tts.run(make_work(tmp_path, replace(FRENCH, short="It breaks. He counts every nail."), "gtts"))
    assert sorted(speech.texts) == sorted(set(speech.texts))
    assert {"It breaks.", "He counts every nail."} <= set(speech.texts)


def test_a_voice_gets_words_and_the_captions_show_what_was_written(tmp_path: Path, speech: Speech) -> None:
    hook = "In 1984, Dr. Smith paid $5 million. 👍"
    work = make_work(tmp_path, replace(SCRIPT, hook=hook), "gtts")
    tts.run(work)
    assert "In nineteen eighty-four, Doctor Smith paid five million dollars." in speech.texts
    passage = work.load("words.json", Narration).passages[0]
    assert passage.text == hook
    assert [word.text for word in passage.words] == hook.split()
    assert all(a.start < a.end <= b.start + 1e-9 for a, b in pairwise(passage.words))


def test_a_paragraph_is_followed_by_a_longer_pause_than_a_sentence(tmp_path: Path) -> None:
    def gap(hook: str) -> float:
        work = make_work(tmp_path, replace(SCRIPT, hook=hook))
        tts.run(work)
        passage = work.load("words.json", Narration).passages[0]
        assert passage.text == "He built a house. He lived there."
        return passage.words[4].start - passage.words[3].end

    sentence, paragraph = gap("He built a house. He lived there."), gap("He built a house.\n\nHe lived there.")
    assert sentence + 0.1 < paragraph < 0.6 + 0.3


def test_a_faster_short_needs_no_further_request_to_an_online_voice(tmp_path: Path, speech: Speech) -> None:
    text = " ".join(f"He counts nail number {number} and every seed, and he writes its price." for number in range(17))
    work = make_work(tmp_path, replace(FRENCH, short=text), "gtts", speech_rate=165)
    tts.run(work)
    assert "words per minute" in notes(work)[-1]
    assert len(speech.texts) == len(set(speech.texts))


def test_a_book_in_a_language_that_kokoro_does_not_speak_is_spoken_by_espeak_with_a_warning(tmp_path: Path) -> None:
    work = make_work(tmp_path, ARABIC, "kokoro", kokoro_fallback="espeak")
    tts.run(work)
    assert (tmp_path / "voice.wav").exists()
    assert any('does not speak the language "ar"' in note for note in notes(work))


def test_without_a_fallback_such_a_book_fails(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match='does not support the language "ar"'):
        tts.run(make_work(tmp_path, ARABIC, "kokoro", kokoro_fallback="none"))


@pytest.mark.parametrize("edited", [True, False])
def test_an_edited_script_is_checked_before_it_is_spoken(edited: bool, tmp_path: Path) -> None:
    work = make_work(tmp_path, replace(SCRIPT, hook="The keeper [1 counts the ships of the island."))
    found = (tmp_path / "script.json").stat()
    output = {"sha256": "", "size": found.st_size + edited, "mtime_ns": found.st_mtime_ns}
    json_files.save(tmp_path / "stages.json", {"process": {"outputs": {"script.json": output}}})
    tts.run(work)
    assert [each for each in notes(work) if "contains a square bracket" in each] == (
        ['The beginning: "The keeper [1 counts the ships of the island." contains a square bracket'] if edited else []
    )
