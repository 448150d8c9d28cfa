"""The report of a batch: what it shows, that it loads nothing, and that no title can make it do anything."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from pressrun.cli import report
from pressrun.cli.report import MAX_UNFOLDED_ROWS, headline, is_linkable, render_report, stage_totals
from pressrun.model.plan import Estimate, ServiceChoice
from pressrun.store.batch_record import BatchRecord, BookRecord, StageTime
from pressrun.store.workspace import Workspace

STAGES = ("search", "tts", "render", "upload")
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202egpj.\x1b[31m</title></style>&amp;'
TIMES = (StageTime("search", 0.5), StageTime("render", 300.0))
MADE = BookRecord(
    1, "Walden", "Henry David Thoreau", "process", "fresh start", "success", youtube_url="https://youtu.be/abcdefghijk",
    short_url="file:///books/short.mp4", run_folder="runs/walden", seconds=301.0, stages=TIMES,
)
FAILED = BookRecord(
    2, "Emma", "Jane Austen", "resume", "resumes at tts", "failed", error="The voice is hoarse", remedy="Rest it.",
    stage="tts", log="runs/emma/logs/tts.log", run_folder="runs/emma", stages=(StageTime("tts", 4.0, 3),),
)
SKIPPED = BookRecord(3, "Meditations", None, "skip", "https://a.example", "skipped", reason="Already done")
RECORD = BatchRecord(
    "2026-01-31T22:00:00+01:00", "2026-01-31T22:05:10+01:00", 310.0, False, {"command": "run-batch", "no_skip": True},
    {"fps": 12, "shorts": False}, (ServiceChoice("voice", "espeak", "built in"),),
    {"success": 1, "resumed": 0, "failed": 1, "skipped": 1}, (MADE, FAILED, SKIPPED),
)


class Elements(HTMLParser):
    """Every tag with its attributes, and the text a reader sees."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    folder = tmp_path / "runs" / "walden"
    folder.mkdir(parents=True)
    Image.new("RGB", (1280, 720), (20, 90, 60)).save(folder / "thumbnail.jpg")
    return Workspace(tmp_path)


def shown(workspace: Workspace, record: BatchRecord = RECORD) -> Elements:
    return Elements(render_report(record, workspace, STAGES))


def test_it_shows_what_finished_what_failed_and_what_was_skipped(workspace: Workspace) -> None:
    found = shown(workspace)
    assert found.open == []
    for words in (
        "3 books: 1 finished, 1 failed, 1 skipped", "Saturday, 31 January 2026, 22:00", "5 min 10 s",
        "Walden", "Henry David Thoreau", "Emma", "The voice is hoarse", "Rest it.", "runs/emma/logs/tts.log",
        "pressrun retry-failed", "Meditations", "Already done", "espeak", "no skip", "fps",
    ):
        assert words in found.text, words
    links = [attributes["href"] for tag, attributes in found.tags if tag == "a"]
    log = (workspace.root / "runs/emma/logs/tts.log").as_uri()
    assert links == [log, "https://youtu.be/abcdefghijk", "file:///books/short.mp4"]


def test_it_is_one_file_that_loads_nothing(workspace: Workspace) -> None:
    text = render_report(RECORD, workspace, STAGES)
    found = Elements(text)
    assert not {tag for tag, _ in found.tags} & {"script", "link", "iframe", "object", "embed", "base", "form", "use"}
    sources = [attributes["src"] or "" for _, attributes in found.tags if "src" in attributes]
    assert sources
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    assert not re.search(r"@import|url\(|srcset|http-equiv=\"refresh", text)
    (policy,) = [each["content"] for tag, each in found.tags if each.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:;")


def test_pictures_are_small_copies(workspace: Workspace) -> None:
    (picture,) = [attributes for tag, attributes in shown(workspace).tags if tag == "img"]
    data = base64.b64decode((picture["src"] or "").partition(",")[2])
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("JPEG", (480, 270))
    assert (picture["width"], picture["height"], picture["alt"]) == ("480", "270", "Thumbnail of Walden")
    assert len(data) < 40_000


@pytest.mark.parametrize("content", [None, b"", b"no picture", b"\xff\xd8\xff\xe0 broken"])
def test_a_missing_or_broken_thumbnail_leaves_a_gap(workspace: Workspace, content: bytes | None) -> None:
    path = workspace.runs / "walden" / "thumbnail.jpg"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    found = shown(workspace)
    assert "No thumbnail" in found.text
    assert not [tag for tag, _ in found.tags if tag == "img"]


def test_a_picture_outside_the_workspace_is_never_included(workspace: Workspace, tmp_path: Path) -> None:
    inner = Workspace(tmp_path / "inner")
    inner.root.mkdir()
    for folder in ("../runs/walden", str(tmp_path / "runs" / "walden")):
        record = replace(RECORD, books=(replace(MADE, run_folder=folder),))
        assert not [tag for tag, _ in shown(inner, record).tags if tag == "img"]


def test_hostile_words_are_text_everywhere(workspace: Workspace) -> None:
    evil = BookRecord(
        1, HOSTILE, HOSTILE, "process", HOSTILE, "success", youtube_url="javascript:alert(3)", short_url=HOSTILE,
        reason=HOSTILE, run_folder="runs/walden", seconds=1.0, stages=(StageTime(HOSTILE, 1.0),), warnings=(HOSTILE,),
    )
    failed = replace(
        evil, outcome="failed", error=HOSTILE, remedy=HOSTILE, stage=HOSTILE, log=HOSTILE, run_folder=HOSTILE,
        youtube_url="data:text/html,<script>alert(4)</script>",
    )
    record = replace(
        RECORD, books=(evil, failed, replace(evil, outcome="skipped")), warnings=(HOSTILE,), asked={HOSTILE: HOSTILE},
        settings={HOSTILE: HOSTILE}, services=(ServiceChoice(HOSTILE, HOSTILE, HOSTILE),),
        estimate=Estimate(1.0, 2, 3, unknown=(HOSTILE,)),
    )
    found = shown(workspace, record)
    assert found.open == []
    assert not {tag for tag, _ in found.tags} & {"script", "iframe"}
    assert [tag for tag, _ in found.tags].count("style") == 1
    assert len([tag for tag, _ in found.tags if tag == "img"]) == 1
    for _, attributes in found.tags:
        assert not any(name.startswith("on") for name in attributes)
        assert not (attributes.get("href") or "").startswith(("javascript:", "data:"))
    assert "<script>alert(1)</script>" in found.text
    assert "\u202e" not in found.text
    assert "\x1b" not in found.text


def test_the_estimate_is_shown_beside_the_actual_values(workspace: Workspace) -> None:
    assert "Estimated and actual" not in shown(workspace).text
    estimate = Estimate(280.0, 1_200_000_000, 10**12, unknown=("shorts",))
    books = (replace(MADE, expected=100.0), FAILED)
    found = shown(workspace, replace(RECORD, books=books, estimate=estimate, disk=1_100_000_000))
    text = " ".join(found.text.split())
    assert "Estimated Actual Time 5 min 5 min 10 s Disk space 1.2 GB 1.1 GB" in text
    assert "The estimate leaves out shorts, which had not run before." in text
    assert "Book Estimated Total search tts render Walden | Henry David Thoreau 2 min 5 min 01 s 0.5 s" in text


def test_long_lists_are_folded(workspace: Workspace) -> None:
    many = tuple(replace(SKIPPED, number=n, title=f"B{n}") for n in range(MAX_UNFOLDED_ROWS + 1))
    record = replace(RECORD, books=many, left_out=1000)
    found = shown(workspace, record)
    assert f"Show {MAX_UNFOLDED_ROWS + 1 + 1000:,} books" in found.text
    assert "and 1,000 more" in found.text


def test_an_interrupted_batch_reports_it_and_an_empty_one_has_a_page_too(workspace: Workspace) -> None:
    words = shown(workspace, replace(RECORD, interrupted=True)).text
    assert "was interrupted. Run the same command without --no-skip to resume." in " ".join(words.split())
    empty = replace(RECORD, books=(), counts={})
    assert headline(empty) == "0 books: nothing to do"
    assert "Time per stage" not in shown(workspace, empty).text


def test_the_chart_has_a_bar_for_each_stage_in_order(workspace: Workspace) -> None:
    books = (MADE, FAILED, replace(MADE, number=9))
    assert [(each.name, each.seconds, each.books) for each in stage_totals(books, STAGES)] == [
        ("search", 1.0, 2), ("tts", 4.0, 1), ("render", 600.0, 2)
    ]
    drawn = shown(workspace, replace(RECORD, books=books))
    bars = [attributes for tag, attributes in drawn.tags if attributes.get("class") == "bar"]
    assert [bar["width"] for bar in bars] == ["0.4%", "0.7%", "100.0%"]
    assert [bar["y"] for bar in bars] == ["24", "70", "116"]
    assert "render 10 min 00 s" in " ".join(drawn.text.split())


TEMPLATE = Path(report.__file__).with_name(report.TEMPLATE).read_text(encoding="utf-8")
RULES = re.findall(r":root \{(.*?)\}", TEMPLATE, re.DOTALL)
LIGHT, DARK = (dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", rule)) for rule in RULES)
"""The colours of the page, by name."""
TEXT_COLOURS = ("ink", "muted", "link", "good", "bad", "wait")
BACKGROUNDS = ("ground", "card")


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read_on_every_background(look: dict[str, str]) -> None:
    for text in TEXT_COLOURS:
        for ground in BACKGROUNDS:
            assert contrast(look[text], look[ground]) >= 4.5, (text, ground)
    assert contrast(look["muted"], look["track"]) >= 4.5
    assert contrast(look["bar"], look["card"]) >= 3
    assert set(LIGHT) == set(DARK)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://[broken", "data:text/html,x", "", "C:/video.mp4"])
def test_only_web_and_file_addresses_become_links(url: str) -> None:
    assert not is_linkable(url)
