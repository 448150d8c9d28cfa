"""gTTS as it is, before Google Translate's voice on this machine: parts, refusals, silence, and what a resume asks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.loopback.speech import Speech, Trouble

from pressrun.errors import NetworkError, VoiceError
from pressrun.services.pace import sentence_pause
from pressrun.services.protocols import Context
from pressrun.services.voices import gtts, online

TEXT = (
    "The hut stood beside the pond, and nobody came. He had counted every nail, every board and every seed that he "
    "bought in the village that spring; and he wrote all of it down in a small book. Then he rested!"
)
SENTENCES = " ".join(f"This is sentence number {number} of the text." for number in range(1, 13))


def test_a_part_is_one_request_of_the_library_in_the_language_of_the_service(speech: Speech, context: Context) -> None:
    made = gtts.speak(TEXT, "fr", 165, context)
    assert sorted(speech.texts) == sorted([
        "The hut stood beside the pond, and nobody came.",
        "He had counted every nail, every board and every seed that he bought in the village that spring;",
        "and he wrote all of it down in a small book.", "Then he rested!",
    ])
    assert {each.language for each in speech.asked} == {"fr"}
    assert {each.more["rpc"] for each in speech.asked} == {"jQ1olc"}
    assert " ".join(word.text for word in made.words) == TEXT
    assert made.sample_rate == gtts.SAMPLE_RATE


@pytest.mark.parametrize(
    ("language", "code"),
    [("zh", "zh-CN"), ("he", "iw"), ("nb", "no"), ("pt-BR", "pt"), ("fr_CA", "fr-CA"), ("jv", "jw")],
)
def test_languages_have_the_names_that_the_service_knows(language: str, code: str) -> None:
    assert gtts.voice_code(language) == code


def test_a_language_it_does_not_speak_is_reported_before_anything_is_asked(speech: Speech, context: Context) -> None:
    with pytest.raises(VoiceError, match='"eo"') as caught:
        gtts.speak("Saluton.", "eo", 165, context)
    assert "espeak" in caught.value.remedy
    assert not caught.value.retryable
    assert speech.asked == []


def test_several_parts_are_requested_at_once_and_no_more_than_allowed(speech: Speech, context: Context) -> None:
    speech.seconds = 0.1
    gtts.prepare([SENTENCES], "en", 165, lambda *_: None, context)
    assert 2 <= speech.most_at_once <= 4
    assert len(speech.asked) == 12


def test_the_same_text_gives_the_same_speech_whatever_comes_first(speech: Speech, context: Context) -> None:
    one = gtts.speak(TEXT, "fr", 165, context)
    again = gtts.speak(TEXT, "fr", 165, replace(context, parts=None, workers=1))
    assert one == again


def test_what_was_spoken_is_requested_once_at_any_rate(speech: Speech, context: Context) -> None:
    slow = gtts.speak(TEXT, "fr", 150, context)
    asked = len(speech.asked)
    fast = gtts.speak(TEXT, "fr", 190, context)
    assert len(speech.asked) == asked
    assert len(fast.pcm) / len(slow.pcm) == pytest.approx(150 / 190, rel=0.05)


def test_another_language_is_another_part(speech: Speech, context: Context) -> None:
    gtts.speak("Hotel.", "en", 165, context)
    gtts.speak("Hotel.", "de", 165, context)
    assert [each.language for each in speech.asked] == ["en", "de"]


def test_a_rate_beyond_what_sounds_well_is_bounded_and_said(speech: Speech, context: Context) -> None:
    notes: list[str] = []
    context = replace(context, note=notes.append)
    gtts.prepare([TEXT], "fr", 300, lambda *_: None, context)
    assert notes == ["The voice supports 132 to 206 words per minute, not 300"]
    assert len(gtts.speak(TEXT, "fr", 300, context).pcm) == len(gtts.speak(TEXT, "fr", 250, context).pcm)


def test_sentences_begin_where_their_parts_do(speech: Speech, context: Context) -> None:
    made = gtts.speak(SENTENCES, "fr", 165, context)
    assert made.timing == "sentence"
    starts = [word.start for word in made.words if word.text == "This"]
    ends = [word.end for word in made.words if word.text == "text."]
    pauses = [start - end for end, start in zip(ends, starts[1:], strict=False)]
    assert pauses == pytest.approx([sentence_pause(165)] * 11, abs=0.06)
    samples = np.frombuffer(made.pcm, np.int16).astype(int)
    for start in starts:
        at = round(start * made.sample_rate)
        assert np.abs(samples[max(at - 600, 0):at - 240]).max(initial=0) < 0.02 * np.abs(samples).max()
        assert np.abs(samples[at:at + 960]).max() > 0.02 * np.abs(samples).max()
    times = [time for word in made.words for time in (word.start, word.end)]
    assert times == sorted(times)


def test_english_words_are_found_in_the_sound(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    with Speech(spoken=True) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        made = gtts.speak("The hut stood beside the pond. Nobody came to see it.", "en", 165, context)
    assert made.timing == "alignment"
    assert [word.text for word in made.words][:3] == ["The", "hut", "stood"]


def test_no_sample_jumps_at_a_joint(speech: Speech, context: Context) -> None:
    made = gtts.speak(SENTENCES, "fr", 165, context)
    samples = np.frombuffer(made.pcm, np.int16).astype(int)
    steps = np.abs(np.diff(samples))
    ends = [word.end for word in made.words if word.text == "text."][:-1]
    for end in ends:
        at = round(end * made.sample_rate)
        joint = steps[at + round(0.05 * made.sample_rate):at + round(0.35 * made.sample_rate)]
        assert joint.max() < steps.max() / 8


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_refusal_that_passes_is_waited_for(speech: Speech, context: Context, status: int) -> None:
    speech.troubles = [Trouble(status, times=2)]
    gtts.speak(TEXT, "fr", 165, context)
    assert len(speech.asked) == 4 + 2


def test_the_wait_that_is_requested_is_kept_by_all(speech: Speech, context: Context) -> None:
    speech.troubles = [Trouble(429, times=1, headers={"Retry-After": "1"}, of="rested")]
    gtts.speak(TEXT, "fr", 165, replace(context, workers=1))
    refused = next(number for number, each in enumerate(speech.asked) if "rested" in each.text)
    assert speech.asked[refused + 1].when - speech.asked[refused].when >= 1.0


def test_a_wait_that_is_too_long_ends_the_stage_with_what_is_kept(speech: Speech, context: Context) -> None:
    speech.troubles = [Trouble(429, headers={"Retry-After": "3600"}, of="rested")]
    with pytest.raises(NetworkError, match="asks to wait for 3600 s") as caught:
        gtts.speak(TEXT, "fr", 165, replace(context, workers=1))
    assert caught.value.retryable
    speech.troubles = []
    before = len(speech.asked)
    gtts.speak(TEXT, "fr", 165, context)
    assert speech.texts[before:] == ["Then he rested!"]


@pytest.mark.parametrize(
    ("what", "error", "words"),
    [
        (429, NetworkError, "rejected the request with HTTP 429, 5 times"), ("cut", NetworkError, "invalid audio"),
        ("hang up", NetworkError, "translate.google.com does not answer"),
        ("no sound", VoiceError, "produced no audio"), (403, VoiceError, "HTTP 403"), (400, VoiceError, "HTTP 400"),
    ],
)
def test_every_error_ends_as_one_line_with_a_remedy(
    speech: Speech, context: Context, what: int | str, error: type[VoiceError], words: str
) -> None:
    speech.troubles = [Trouble(what)]
    with pytest.raises(error, match=words) as caught:
        gtts.speak("The hut stood beside the pond.", "en", 165, context)
    assert caught.value.remedy
    assert "\n" not in caught.value.message
    assert caught.value.retryable is (error is NetworkError)


def test_a_line_that_falls_silent_is_noticed(speech: Speech, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    assert max(gtts.TIMEOUT) <= 15
    monkeypatch.setattr(gtts, "TIMEOUT", (0.3, 0.3))
    speech.troubles = [Trouble("silence")]
    clock = time.monotonic()
    with pytest.raises(NetworkError, match="does not answer"):
        gtts.speak(TEXT, "fr", 165, context)
    assert time.monotonic() - clock < 5


def test_nobody_there_is_a_network_error(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(NetworkError) as caught:
        gtts.speak(TEXT, "fr", 165, context)
    assert "voice to espeak" in caught.value.remedy


def test_a_part_that_is_broken_on_the_disk_is_requested_again(speech: Speech, context: Context) -> None:
    whole = gtts.speak(TEXT, "fr", 165, context)
    assert context.parts is not None
    broken = sorted(context.parts.iterdir())[0]
    broken.write_bytes(b"half a")
    before = len(speech.asked)
    assert gtts.speak(TEXT, "fr", 165, context) == whole
    assert len(speech.asked) == before + 1


def test_without_a_folder_nothing_is_kept(speech: Speech, context: Context, tmp_path: Path) -> None:
    bare = replace(context, parts=None)
    gtts.prepare([TEXT], "fr", 165, lambda *_: None, bare)
    assert speech.asked == []
    assert gtts.speak(TEXT, "fr", 165, bare).words
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_what_is_there(speech: Speech, context: Context) -> None:
    gtts.speak(SENTENCES.partition(".")[0] + ".", "en", 165, context)
    steps: list[tuple[float, float]] = []
    gtts.prepare([SENTENCES], "en", 165, lambda done, total, unit: steps.append((done, total)), context)
    assert steps == [(done, 12) for done in range(1, 13)]


KILLED = """
import sys; from pathlib import Path
from pressrun.services.protocols import Context
from pressrun.services.voices import gtts
gtts.prepare([sys.argv[2]], "en", 165, lambda *_: None, Context(Path(), {}, Path(sys.argv[1]), 2))
"""


def test_a_run_that_was_killed_asks_only_for_what_is_missing(speech: Speech, context: Context) -> None:
    assert context.parts is not None
    speech.seconds = 0.05
    command = [sys.executable, "-c", KILLED, str(context.parts), SENTENCES]
    process = subprocess.Popen(command, env=os.environ | speech.environment)
    until = time.monotonic() + 30
    while len(speech.asked) < 6 and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = [path for path in context.parts.iterdir() if path.suffix == ".sound"]
    first = set(speech.texts)
    time.sleep(0.2)
    before = len(speech.asked)
    assert 3 <= len(kept) < 12
    gtts.prepare([SENTENCES], "en", 165, lambda *_: None, context)
    again = speech.texts[before:]
    assert len(again) == len(set(again)) == 12 - len(kept)
    # Those in flight when it was killed were never kept: two at most, as two were asked for at once.
    assert len(first & set(again)) <= 2
    assert first | set(again) == {f"This is sentence number {number} of the text." for number in range(1, 13)}
    assert all(path.read_bytes() for path in kept)


def test_waits_grow_with_every_refusal(
    speech: Speech, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[float] = []
    monkeypatch.setattr(online._SharedDelay, "hold", lambda self, seconds: held.append(seconds))
    speech.troubles = [Trouble(429)]
    with pytest.raises(NetworkError):
        gtts.speak("Then he rested!", "en", 165, context)
    assert held == [online.FIRST_RETRY_DELAY * factor for factor in (1, 2, 4, 8)]
