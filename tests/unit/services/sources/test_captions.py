"""Captions: timed pieces, said once."""

from __future__ import annotations

import pytest

from pressrun.errors import SourceError
from pressrun.services.sources.captions import read_captions

SRT = """1
00:00:00,000 --> 00:00:02,000
{\\an8}<i>The hut</i> stood
beside the pond.

2
00:00:02,500 --> 00:00:04,000
It was <font color="red">small</font> &amp; warm.
"""

ROLLING = """WEBVTT
Kind: captions
Language: en

NOTE a --> remark

00:00:00.000 --> 00:00:02.000 align:start position:0%
 
he<00:00:00.500><c> went</c><00:00:01.000><c> to</c>

00:00:02.000 --> 00:00:02.010 align:start position:0%
he went to
 

00:00:02.010 --> 00:00:04.000 align:start position:0%
he went to
the<00:00:02.500><c> woods</c>

00:00:04.000 --> 00:00:04.010
the woods
 

00:00:05.000 --> 00:00:06.000
[Music]

00:00:06.000 --> 00:00:07.500
<v Ann>and stayed there
"""


def cue(start: int, end: int, text: str) -> str:
    return f"{start}\n00:00:0{start},000 --> 00:00:0{end},000\n{text}\n\n"


def test_captions_become_timed_pieces_without_tags() -> None:
    pieces = read_captions(SRT, "a.srt")
    assert [(each.text, each.start, each.end) for each in pieces] == [
        ("The hut stood beside the pond.", 0.0, 2.0), ("It was small & warm.", 2.5, 4.0),
    ]


def test_rolling_captions_say_everything_once() -> None:
    pieces = read_captions(ROLLING, "a.vtt")
    assert [each.text for each in pieces] == ["he went to", "the woods", "and stayed there"]
    assert pieces[0].end == pytest.approx(2.01)
    assert pieces[1].end == pytest.approx(4.01)


def test_captions_that_grow_word_by_word_are_one_piece() -> None:
    words = ["one", "two", "three", "four"]
    text = "".join(cue(number, number + 1, " ".join(words[:number])) for number in range(1, 5))
    assert [(each.text, each.start, each.end) for each in read_captions(text, "a.srt")] == [
        ("one two three four", 1.0, 5.0)
    ]


def test_words_repeated_at_the_seam_are_said_once_and_two_equal_words_are_not_a_seam() -> None:
    text = cue(1, 2, "we go to the woods") + cue(2, 3, "to the woods and back")
    assert [each.text for each in read_captions(text, "a.srt")] == ["we go to the woods", "and back"]
    text = cue(1, 2, "they went on") + cue(2, 3, "on they went")
    assert [each.text for each in read_captions(text, "a.srt")] == ["they went on", "on they went"]


def test_captions_out_of_order_are_put_in_order() -> None:
    text = cue(5, 6, "second") + cue(1, 2, "first")
    assert [each.text for each in read_captions(text, "a.srt")] == ["first", "second"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1\n00:xx,000 --> 00:04,000\nBroken\n", 'line 2: "00:xx,000 --> 00:04,000" is no time of a caption'),
        ("\nnothing of the kind\n", 'line 2 is "nothing of the kind"'),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n\n", 'line 1 is "WEBVTT"'),
    ],
)
def test_rubbish_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_captions(text, "a.srt")
    assert message in caught.value.message
    assert caught.value.remedy


def texts(*cues: str, name: str = "a.srt") -> list[str]:
    text = "".join(cue(n * 2, n * 2 + 1, each) for n, each in enumerate(cues))
    return [each.text for each in read_captions(text, name)]


@pytest.mark.parametrize(
    ("cues", "kept"),
    [
        (("No", "Nobody came."), ["No", "Nobody came."]),
        (("No.", "No."), ["No.", "No."]),
        (("Come on.", "Come on. Let us go."), ["Come on.", "Come on. Let us go."]),
        (("The way from A --> B is short.",), ["The way from A – B is short."]),
        (("The [ __ ] ships [Laughter] passed.", "(applause) She came."), ["The ships passed.", "She came."]),
        (("He said [he] was late.", "(which is to say, never)"), ["He said he was late.", "(which is to say, never)"]),
        (("NARRATOR: She came.", ">> He left."), ["She came.", "He left."]),
        (("The time is 10:30.", "NOTE: He left."), ["The time is 10:30.", "NOTE: He left."]),
        (("42",), ["42"]),
        (("Subtitles by Jane Doe", "She came."), ["She came."]),
    ],
)
def test_no_spoken_word_is_lost(cues: tuple[str, ...], kept: list[str]) -> None:
    assert texts(*cues) == kept


def test_names_of_captions_and_times_without_thousandths_are_understood() -> None:
    guid = "0000000a-1a2b-4c3d-8e9f-0123456789ab-0"
    text = f"WEBVTT\n\n{guid}\n00:01.000 --> 00:02.000\nShe came.\n\nintro two\n00:03.000 --> 00:04.000\nHe left.\n"
    assert [each.text for each in read_captions(text, "a.vtt")] == ["She came.", "He left."]
    text = "1\n00:00:01 --> 00:00:02\nShe came.\n2\n00:00:03 --> 00:00:04\nHe left.\n"
    assert [(each.text, each.start) for each in read_captions(text, "a.srt")] == [("She came.", 1.0), ("He left.", 3.0)]


def test_a_line_drawn_twice_is_one_line_and_drawings_are_none() -> None:
    rows = ["She came.", "She came.", "{\\p1}m 0 0 l 10 10{\\p0}"]
    events = "\n".join(f"Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{row}" for row in rows)
    head = "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR"
    found = read_captions(f"{head}, MarginV, Effect, Text\n{events}\n", "a.ass")
    assert [each.text for each in found] == ["She came."]
