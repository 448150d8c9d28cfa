from __future__ import annotations

from pressrun.cli.text import clean, fitted, safe_text


def test_escape_sequences_lose_their_power() -> None:
    assert clean("Walden\x1b[2J\x07\x9b31m") == "Walden[2J31m"


def test_characters_that_reorder_text_are_left_out() -> None:
    assert clean("abc\u202egpj.exe\u2069\u200b") == "abcgpj.exe"


def test_line_ends_of_every_kind_become_blanks() -> None:
    assert clean("one\ntwo\r\u2028three") == "one two  three"


def test_letters_and_their_marks_stay() -> None:
    assert clean("Москва 東京 العربية e\u0301") == "Москва 東京 العربية e\u0301"


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    assert clean("a\ud800b") == "a\N{REPLACEMENT CHARACTER}b"


def test_letters_that_an_encoding_lacks_become_question_marks() -> None:
    assert fitted("Ünder 東", "cp1252") == "Ünder ?"


def test_markup_in_a_title_is_shown_as_it_is() -> None:
    assert safe_text("[bold red]Walden[/] :warning:").plain == "[bold red]Walden[/] :warning:"


def test_addresses_become_links_without_the_full_stop_behind_them() -> None:
    text = safe_text("see https://videos.example/a?b=1. Then file:///books/x.mp4")
    links = [span.style.link for span in text.spans if not isinstance(span.style, str)]
    assert links == ["https://videos.example/a?b=1", "file:///books/x.mp4"]


def test_an_address_that_runs_a_script_is_no_link() -> None:
    assert safe_text("javascript:alert(1)").spans == []
