from __future__ import annotations

import pytest

from pressrun.cli.resolve import check_url
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
def test_the_url_of_a_youtube_video_is_accepted(url: str) -> None:
    check_url(url, "youtube")


@pytest.mark.parametrize(
    "url",
    [
        "", "abcdefghijk", "youtu.be/abcdefghijk", "http://youtu.be/abcdefghijk", "https://youtu.be/short",
        "https://www.youtube.com/", "https://www.youtube.com/@channel", "https://example.com/watch?v=abcdefghijk",
        "https://youtu.be.example.com/abcdefghijk", "https://youtu.be/abcdefghijk and more",
        "https://studio.youtube.com/video/abcdefghijk/edit",
    ],
)
def test_any_other_url_is_rejected_and_the_remedy_shows_the_form(url: str) -> None:
    with pytest.raises(UsageError, match="not the URL of a YouTube video") as caught:
        check_url(url, "youtube")
    assert "https://youtu.be/ID" in caught.value.remedy


@pytest.mark.parametrize("url", ["https://bucket.example/a/video.mp4", "file:///published/Emma/video.mp4"])
def test_other_publishers_accept_any_url(url: str) -> None:
    check_url(url, "bucket")


@pytest.mark.parametrize("url", ["", "video.mp4", "https://", "https://a b/c", "ftp://host/x", "https://[/", "file:"])
def test_invalid_urls_are_rejected(url: str) -> None:
    with pytest.raises(UsageError, match="is not a valid URL"):
        check_url(url, "folder")
