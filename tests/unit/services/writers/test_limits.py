"""What video sites accept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pressrun.services.writers import limits


def test_the_longest_title_that_fits_is_taken_and_the_last_is_cut_at_a_word() -> None:
    assert limits.fit_title("x" * 101, "short form", "shorter") == "short form"
    assert limits.fit_title("word " * 30) == "word " * 18 + "word…"
    assert limits.fit_title("本" * 120) == "本" * 99 + "…"


def test_angle_brackets_are_replaced() -> None:
    assert limits.fit_title("a <b> c") == "a ‹b› c"
    assert limits.fit_description("<script>") == "‹script›"


def test_hidden_characters_are_taken_away_and_lines_stay() -> None:
    assert limits.fit_title("a\x1b[1m \u202eb\x85c") == "a[1m b c"
    assert limits.fit_description("one\x07\n\ntwo\u2067") == "one\n\ntwo"
    assert limits.fit_tags(["a\x00b"]) == ("ab",)
    assert limits.replace_forbidden("نمی\u200cخواهم") == "نمی\u200cخواهم", "joiners belong to the script"


def test_a_description_is_cut_between_letters() -> None:
    cut = limits.fit_description("é" * 4000)
    assert cut == "é" * 2498 + "…"
    assert len(cut.encode()) <= 5000


def test_tags_are_taken_while_they_fit_each_once_and_without_commas() -> None:
    assert limits.fit_tags(["Walden", "walden", "", "a, b", 'say "hut"']) == ("Walden", "a b", "say hut")
    assert limits.fit_tags(["x" * 101, "y"]) == ("y",)


@given(st.lists(st.text(max_size=120), max_size=30), st.text(max_size=300))
def test_the_limits_always_hold(tags: list[str], title: str) -> None:
    chosen = limits.fit_tags(tags)
    # As the site counts: commas between tags, and quotation marks around those with blanks.
    assert len(",".join(f'"{tag}"' if " " in tag else tag for tag in chosen)) <= 500
    assert len(limits.fit_title(title)) <= 100
    assert len(limits.fit_description(title * 20).encode()) <= 5000
