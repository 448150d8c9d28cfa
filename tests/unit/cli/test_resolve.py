from __future__ import annotations

import pytest

from pressrun.cli.resolve import check_address
from pressrun.errors import UsageError


@pytest.mark.parametrize(
    "url",
    [
        "https://youtu.be/abcdefghijk",
        "https://youtu.be/abc-_fghijk?si=shared",
        "https://www.youtube.com/watch?v=abcdefghijk",
        "https://youtube.com/watch?v=abcdefghijk&t=10s",
        "https://m.youtube.com/watch?app=desktop&v=abcdefghijk",
        "https://www.youtube.com/shorts/abcdefghijk",
    ],
)
def test_an_address_of_a_video_on_youtube_is_taken(url: str) -> None:
    check_address(url, "youtube")


@pytest.mark.parametrize(
    "url",
    [
        "", "abcdefghijk", "youtu.be/abcdefghijk", "http://youtu.be/abcdefghijk", "https://youtu.be/short",
        "https://www.youtube.com/", "https://www.youtube.com/@channel", "https://example.com/watch?v=abcdefghijk",
        "https://youtu.be.example.com/abcdefghijk", "https://youtu.be/abcdefghijk and more",
        "https://studio.youtube.com/video/abcdefghijk/edit",
    ],
)
def test_another_address_is_none_of_a_video_there_and_the_remedy_shows_the_form(url: str) -> None:
    with pytest.raises(UsageError, match="no address of a video on YouTube") as caught:
        check_address(url, "youtube")
    assert "https://youtu.be/ID" in caught.value.remedy


@pytest.mark.parametrize("url", ["https://bucket.example/a/video.mp4", "file:///published/Emma/video.mp4"])
def test_elsewhere_any_address_will_do(url: str) -> None:
    check_address(url, "bucket")


@pytest.mark.parametrize("url", ["", "video.mp4", "https://", "https://a b/c", "ftp://host/x", "https://[/", "file:"])
def test_what_is_no_address_at_all_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is no address"):
        check_address(url, "folder")
