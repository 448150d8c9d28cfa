"""Searching: several phrasings, few pages, and a choice with its reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.loopback.video_site import Clip, Trouble

from pressrun.errors import AuthenticationError, NetworkError, SettingsError
from pressrun.model.book import Book

Make = Callable[..., Clip]


def names(candidates: Any) -> list[str]:
    return [each.location.rpartition("/")[2] for each in candidates]


def test_each_phrasing_is_searched_once_and_each_video_listed_once(session: Any, clip: Make) -> None:
    phrases = "{title} {author}, {author} in {language},{title} {author}"
    match = session.find(clip(), search_phrases=phrases, language="en")
    searched = [path for path in session.site.asked if path.startswith("/search")]
    assert searched == ["/search?q=The+Keeper+of+the+Lamp+Ann+Harbour", "/search?q=Ann+Harbour+in+en"]
    assert names(match.candidates) == ["one"]


def test_a_plain_page_is_read_by_the_generic_extractor(session: Any, clip: Make) -> None:
    match = session.find(clip(plain=True))
    assert match.chosen.kind == "captions"
    assert match.chosen.video.captions == "manual en"
    assert "/page/one" in session.site.asked


def test_the_choice_says_why_and_what_is_known_of_the_video(session: Any, clip: Make) -> None:
    match = session.find(clip(licence="Creative Commons Attribution"))
    assert match.chosen == match.candidates[0]
    assert match.reason == (
        "The Keeper of the Lamp by Ann Harbour: title and author match, captions manual en; the one video found"
    )
    assert match.chosen.author == "Quiet Shelf"
    video = match.chosen.video
    assert (video.seconds, video.views, video.published, video.licence) == (
        900.0, 5000, "2024-03-01", "Creative Commons Attribution",
    )


def test_names_that_strangers_gave_hold_nothing_hidden(session: Any, clip: Make) -> None:
    title = "The Keeper of the Lamp\x1b[31m by Ann Harbour\u202e"
    found = session.find(clip(title=title, channel="\x1b]0;x\x07Quiet\nShelf"))
    assert found.candidates[0].name == "The Keeper of the Lamp[31m by Ann Harbour"
    assert found.candidates[0].author == "]0;xQuiet Shelf"
    assert found.reason.isprintable()


def test_captions_of_people_come_before_those_of_machines_and_those_before_none(session: Any, clip: Make) -> None:
    match = session.find(
        clip(id="none", captions=(), views=9_000_000), clip(id="machine", captions=(), automatic=("en",)),
        clip(id="people"),
    )
    assert names(match.candidates) == ["people", "machine", "none"]
    assert [each.kind for each in match.candidates] == ["captions", "captions", "media"]


def test_among_equals_views_age_and_length_decide(session: Any, clip: Make) -> None:
    match = session.find(clip(id="plain"), clip(id="seen", views=3_000_000))
    assert names(match.candidates) == ["seen", "plain"]
    match = session.find(clip(id="old", published="20100101"), clip(id="new"))
    assert names(match.candidates) == ["new", "old"]
    match = session.find(clip(id="short", seconds=310), clip(id="middle", seconds=1000))
    assert names(match.candidates) == ["middle", "short"]


@pytest.mark.parametrize(
    ("changes", "settings", "why"),
    [
        ({"seconds": 200}, {}, "its length of 3 min is shorter than shortest_source"),
        ({"seconds": 7200}, {}, "its length of 120 min is longer than longest_source"),
        ({}, {"source_licence": "creativeCommon"}, "its licence is unknown, not Creative Commons"),
        ({}, {"channels_blocked": "others, QUIET shelf"}, "its channel Quiet Shelf is blocked"),
        ({}, {"channels_allowed": "Others"}, "its channel Quiet Shelf is not allowed"),
        ({"title": "The Keeper of the Light by Ann Harbour"}, {}, "author matches, title does not"),
    ],
)
def test_what_the_settings_rule_out_and_near_misses_are_listed_and_never_chosen(
    session: Any, clip: Make, changes: dict[str, Any], settings: dict[str, Any], why: str
) -> None:
    match = session.find(clip(**changes), **settings)
    assert match.chosen is None
    assert match.candidates[0].score < 85
    assert why in match.candidates[0].reason
    assert why in match.reason


def test_creative_commons_and_allowed_channels_pass(session: Any, clip: Make) -> None:
    licence = "Creative Commons Attribution license (reuse allowed)"
    match = session.find(clip(licence=licence), source_licence="creativeCommon", channels_allowed="@Quiet Shelf")
    assert match.chosen is not None


def test_captions_in_the_language_requested_are_preferred_over_others(session: Any, clip: Make) -> None:
    match = session.find(
        clip(id="english"), clip(id="both", captions=("en", "de"), views=10), clip(id="made", translated=("de",)),
        language="de",
    )
    assert names(match.candidates) == ["both", "made", "english"]
    assert [each.video.captions for each in match.candidates] == ["manual de", "translated de", "none"]


def test_few_pages_are_opened_however_much_is_found(session: Any, clip: Make) -> None:
    match = session.find(*(clip(id=f"v{number}") for number in range(20)), search_results=20)
    assert len([path for path in session.site.asked if path.startswith("/watch")]) == 3
    assert len(match.candidates) == 20
    assert sum(each.spare for each in match.candidates) == 3


def test_an_author_who_is_named_only_in_the_description_is_found_on_the_page(session: Any, clip: Make) -> None:
    book = Book("Lamps", "Ann Harbour")
    match = session.find(clip(title="Lamps, book summary", description="About the novel of Ann Harbour."), book=book)
    assert match.chosen is not None
    match = session.find(clip(title="Lamps, book summary"), book=book)
    assert match.chosen is None
    assert "needs its author (Ann Harbour)" in match.candidates[0].reason


def test_nothing_found_is_not_an_error(session: Any) -> None:
    match = session.find()
    assert (match.chosen, match.candidates, match.reason) == (None, (), "the search found no video")


def test_a_removed_video_is_passed_over_with_its_reason(session: Any, clip: Make) -> None:
    session.site.troubles.append(Trouble("/watch/gone", "Private video. Sign in if you may see it"))
    match = session.find(clip(id="gone"), clip(id="here"))
    assert names(match.candidates) == ["here", "gone"]
    assert "removed or is private" in match.candidates[1].reason


def test_a_site_that_asks_to_slow_down_ends_the_search_where_nothing_was_found(session: Any, clip: Make) -> None:
    session.site.troubles.append(Trouble("/search", "429"))
    with pytest.raises(NetworkError, match="slow down") as caught:
        session.find(clip())
    assert caught.value.retryable


def test_with_something_found_a_wall_is_a_note(session: Any, clip: Make) -> None:
    session.site.troubles.append(Trouble("/watch/two", "Sign in to confirm you're not a bot"))
    assert session.find(clip(), clip(id="two")).chosen is not None
    assert "Not all videos were checked" in session.notes[0]
    with pytest.raises(AuthenticationError):
        session.find(clip(id="two"))


def test_the_same_answers_give_the_same_match(session: Any, clip: Make) -> None:
    clips = [clip(id=f"v{number}", views=number * 1000) for number in range(5)]
    assert session.find(*clips) == session.find(*clips)


@pytest.mark.parametrize("engine", ["nosuchsearch", "http://127.0.0.1:1/", "", "loopsearch5:x "])
def test_a_search_that_does_not_exist_is_named_and_nothing_is_asked(session: Any, clip: Make, engine: str) -> None:
    with pytest.raises(SettingsError, match="yt-dlp has no search") as caught:
        session.find(clip(), search_engine=engine)
    assert "ytsearch" in caught.value.remedy
    assert session.site.asked == []
