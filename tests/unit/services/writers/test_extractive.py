"""The script of the source's own sentences: its length, its limits, and that it listens well."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.size import examples

from pressrun.errors import ScriptError
from pressrun.model.script import Script, Transcript
from pressrun.services.languages import split_sentences, spoken_words
from pressrun.services.pace import short_seconds, spoken_seconds, video_seconds

Write = Callable[..., Script]
EXAMPLES = ["meditations", "the-art-of-war", "walden"]


def said(script: Script) -> list[str]:
    return [script.hook, *(scene.narration for scene in script.scenes), script.close]


def length(script: Script) -> float:
    """Seconds, at the rate that `write` asks for."""
    return video_seconds(script, 165, 0.6)


def assert_within_limits(script: Script) -> None:
    assert 0 < len(script.title) <= 100
    assert 0 < len(script.description.encode()) <= 5000
    assert not {"<", ">"} & set(script.title + script.description)
    assert sum(map(len, script.tags)) + len(script.tags) <= 501
    assert len({tag.casefold() for tag in script.tags}) == len(script.tags)
    assert 1 <= len(script.scenes) <= 9
    assert all((script.hook, script.close, script.short))
    for scene in script.scenes:
        assert scene.narration
        assert 0 < len(scene.heading) <= 60


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_fills_two_minutes_with_five_to_nine_scenes(
    name: str, texts: dict[str, Transcript], write: Write
) -> None:
    script = write(texts[name])
    assert 5 <= len(script.scenes) <= 9
    assert length(script) == pytest.approx(120, rel=0.06)
    assert_within_limits(script)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_short_fits_its_seconds(name: str, texts: dict[str, Transcript], write: Write) -> None:
    assert 45 * 0.85 <= short_seconds(write(texts[name]), 165) <= 45


@pytest.mark.parametrize("name", [*EXAMPLES, "arabic", "japanese"])
def test_nothing_is_said_twice_and_all_is_said_in_the_order_of_the_source(
    name: str, texts: dict[str, Transcript], write: Write
) -> None:
    script = write(texts[name], target=120)
    source = "".join(texts[name].text.split())
    scenes = [each for scene in script.scenes for each in split_sentences(scene.narration, script.language)]
    places = [source.index("".join(each.split())) for each in scenes]
    assert places == sorted(places)
    everything = [each for text in said(script) for each in split_sentences(text, script.language)]
    assert len(set(everything)) == len(everything)


@pytest.mark.parametrize("name", EXAMPLES)
def test_scenes_begin_with_a_sentence_that_is_clear_without_context(
    name: str, texts: dict[str, Transcript], write: Write
) -> None:
    leaning = re.compile(r"(He|She|It|They|This|That|These|Those|But|And|So|Such|Therefore)\b")
    script = write(texts[name])
    assert not [scene.narration for scene in script.scenes if leaning.match(scene.narration)]
    assert not leaning.match(script.hook)
    assert not leaning.match(script.close)


@pytest.mark.parametrize("name", EXAMPLES)
def test_headings_are_those_of_the_source(name: str, texts: dict[str, Transcript], write: Write) -> None:
    own = [segment.text for segment in texts[name].segments if segment.heading]
    headings = [scene.heading for scene in write(texts[name]).scenes]
    assert headings == [heading for heading in own if heading in headings]
    assert len(headings) >= 5


def test_headings_of_a_source_without_any_are_phrases_of_their_scenes(
    texts: dict[str, Transcript], write: Write
) -> None:
    plain = Transcript("en", "ltr", tuple(each for each in texts["walden"].segments if not each.heading), "walden.txt")
    script = write(plain)
    assert len({scene.heading for scene in script.scenes}) == len(script.scenes)
    for scene in script.scenes:
        assert scene.heading.casefold() in scene.narration.casefold()
        assert len(scene.heading.split()) <= 8


def test_hook_and_close_name_the_book_in_the_language_of_the_text(texts: dict[str, Transcript], write: Write) -> None:
    assert write(texts["walden"]).hook.endswith("This is “Walden”, by Henry David Thoreau.")
    assert write(texts["walden"], author=None).close.endswith("That was “Walden”.")
    assert write(texts["japanese"], "森の生活", "ソロー").hook.endswith("今回の本は、ソローの『森の生活』です。")
    assert write(texts["arabic"], "التأملات", "ماركوس").hook.endswith("هذا كتاب «التأملات» للمؤلف ماركوس.")


def test_a_language_without_phrases_gets_no_invented_words(texts: dict[str, Transcript], write: Write) -> None:
    source = Transcript("eo", "ltr", texts["walden"].segments, "walden.md")
    script = write(source)
    flat = " ".join(source.text.split())
    assert all(sentence in flat for text in said(script) for sentence in split_sentences(text, "eo"))


def test_an_arabic_and_a_japanese_source_become_scripts(texts: dict[str, Transcript], write: Write) -> None:
    arabic, japanese = write(texts["arabic"], "التأملات", "ماركوس"), write(texts["japanese"], "森の生活", "ソロー")
    assert (arabic.direction, japanese.direction) == ("rtl", "ltr")
    for script in (arabic, japanese):
        assert_within_limits(script)
        assert len(script.scenes) == 5
    assert length(japanese) > 80
    assert not re.search(r"。 ", japanese.short)


def test_the_same_source_gives_the_same_script(texts: dict[str, Transcript], write: Write) -> None:
    assert write(texts["walden"]) == write(texts["walden"])


@pytest.mark.parametrize(("target", "scenes"), [(20, 1), (30, 3), (60, 5), (120, 7)])
def test_the_target_length_is_kept_by_saying_less(
    target: float, scenes: int, texts: dict[str, Transcript], write: Write
) -> None:
    script = write(texts["walden"], target=target)
    assert length(script) == pytest.approx(target, rel=0.1)
    assert len(script.scenes) >= scenes


def test_a_short_source_says_less_than_asked(write: Write) -> None:
    text = "The hut was small and warm in winter. A lamp stood on the table all night. "
    text += "Rain fell on the roof for many hours. Nobody came to the pond that week. The bread was dark and good. "
    text += "Two letters lay unopened beside the door. Spring arrived with the first loud birds."
    script = write(text)
    assert 20 <= length(script) < 30
    assert_within_limits(script)


@pytest.mark.parametrize("text", ["Too short by far.", "🎉🎉 " * 200, "… ! ?", "x" * 5000])
def test_a_source_that_is_too_short_says_what_was_found_and_what_is_needed(text: str, write: Write) -> None:
    with pytest.raises(ScriptError) as caught:
        write(text)
    assert re.search(r"notes\.md has \d words in sentences; .* needs 40 or more", caught.value.message)
    assert caught.value.remedy


def test_one_endless_line_is_cut_where_a_speaker_would_breathe(write: Write, texts: dict[str, Transcript]) -> None:
    words = re.findall(r"[a-z]+", texts["walden"].text.casefold()) * 3
    script = write(" ".join(words))
    assert length(script) == pytest.approx(120, rel=0.1)
    assert max(spoken_words(each, "en") for text in said(script) for each in split_sentences(text, "en")) <= 45
    assert_within_limits(script)


def test_captions_without_punctuation_become_sentences(captions: Callable[..., Transcript], write: Write) -> None:
    lines = [f"line number {number} tells of the woods and the water near the old hut" for number in range(40)]
    script = write(captions(*lines))
    assert_within_limits(script)
    assert all(scene.narration.startswith("Line") and scene.narration.endswith(".") for scene in script.scenes)


def test_a_book_of_twenty_thousand_words_is_covered_from_beginning_to_end(
    write: Write, texts: dict[str, Transcript]
) -> None:
    parts = [each.text for each in texts["walden"].segments if not each.heading]
    # Every paragraph gets words of its own, so that no sentence stands there twice.
    pages = [re.sub(r"\w{6,}", rf"\g<0>{page}", parts[page % len(parts)]) for page in range(250)]
    script = write("\n\n".join(pages))
    assert sum(len(page.split()) for page in pages) > 15_000
    assert length(script) == pytest.approx(120, rel=0.1)
    numbers = [int(each) for scene in script.scenes for each in re.findall(r"[a-z](\d+)", scene.narration)]
    assert numbers[0] < 50
    assert numbers[-1] > 200


def test_long_titles_and_odd_characters_stay_within_the_limits(texts: dict[str, Transcript], write: Write) -> None:
    for title in ("x" * 300, "<b>{author}</b> & {book} " * 11, "本" * 300, "A, \"B\" " * 40):
        script = write(texts["walden"], title=title, author="<" * 300)
        assert_within_limits(script)
        assert script.book_title == title
    assert write(texts["walden"], title="{author}", author="{book}").hook.endswith("This is “{author}”, by {book}.")


def test_arabic_keeps_its_length_too(texts: dict[str, Transcript], write: Write) -> None:
    script = write(texts["arabic"], "التأملات", "ماركوس", target=30)
    assert length(script) == pytest.approx(30, rel=0.15)


@pytest.mark.parametrize("author", ["Henry David Thoreau", None])
def test_a_long_title_is_said_shorter_and_does_not_eat_the_video(
    author: str | None, texts: dict[str, Transcript], write: Write
) -> None:
    script = write(texts["walden"], title="A very long title of a book " * 10, author=author, target=20)
    assert length(script) == pytest.approx(20, rel=0.15)
    assert "A very long title of a book" in script.hook
    split = write(texts["walden"], title="Walden: " + "or a life in the woods, " * 8, target=60)
    assert "This is “Walden”, by Henry David Thoreau." in split.hook


def test_the_close_keeps_the_sentence_before_it_or_is_none(texts: dict[str, Transcript], write: Write) -> None:
    assert write(texts["walden"]).close.startswith("Nobody needs a pond to repeat the experiment. An honest list")
    assert write(texts["walden"], target=20).close == "That was “Walden”."


def test_the_description_names_the_book_and_no_file(texts: dict[str, Transcript], write: Write) -> None:
    description = write(texts["walden"]).description
    assert "\nWalden by Henry David Thoreau\n" in description
    assert texts["walden"].source not in description


PIECES = ["hut", "The", "water", "he", "3.5", "森の中。", "الباب", "so,", "end.", "Why?", "«x", "“", "\n\n", ":", "é"]


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    words=st.lists(st.sampled_from(PIECES), min_size=30, max_size=250),
    code=st.sampled_from(["en", "ja", "ar", "de", "th", "xx"]),
    target=st.floats(20, 1800),
    short=st.floats(10, 60),
    rate=st.integers(80, 350),
)
def test_any_text_becomes_a_script_within_the_limits_or_is_too_short(
    words: list[str], code: str, target: float, short: float, rate: int, write: Write
) -> None:
    from pressrun.services.languages import direction_of
    from pressrun.services.sources.texts import to_prose

    transcript = Transcript(code, direction_of(code), to_prose(" ".join(words), False), "any.txt")
    try:
        script = write(transcript, target=target, short=short, rate=rate)
    except ScriptError:
        return
    assert_within_limits(script)
    assert short_seconds(script, rate) <= max(short, spoken_seconds("x" * 45 * 8, code, rate)) + 1
