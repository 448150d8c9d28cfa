"""Promise 11, the parsers: whatever bytes they get, they answer or raise an error that tells a person what to do.

Hypothesis takes good files to pieces and puts them together anew with everything that has ever troubled a parser.
"""

from __future__ import annotations

import io
import json
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from bench.faults.broken_database import FORMS
from bench.faults.trial import STAGES
from bench.report import Figure
from pressrun.errors import PressrunError
from pressrun.services.sources.reading import read_material
from pressrun.store import run_folder
from pressrun.store.books_file import read_books
from pressrun.store.database import Database
from pressrun.store.database_file import parse, serialize

ROUND = 50
"""Examples between two looks at the clock."""
SLOW = 3.0
"""Seconds of this process for one small file that are too long."""
BOOKS = (b"Walden | Henry David Thoreau\n# a note\n\nThis | That | Ann\n\\#1\n", "\ufeffÉtude | Ünal\r\nKöln".encode())
CAPTIONS = (
    b"1\n00:00:01,000 --> 00:00:02,500\nFirst words\n\n2\n00:01:02,500 --> 00:01:05,000 X1:1 X2:2\n<i>more</i>\n\n",
    b"WEBVTT - a title\nKind: captions\n\nNOTE none\n\nSTYLE\n::cue {}\n\nid\n00:01.000 --> 00:02.000 align:start\n"
    b"<v Ann>Hello <00:01.500><c> there</c>\n\n",
)
TEXTS = (
    b"---\ntitle: A\nauthor: B\n---\n# A\n\nA *line* with [a link](x) and `code`.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    b"\n> said\n",
    b"Title\n=====\n\n1. one\n2. two\n\n```\ncode\n```\n\n<div>x</div>\n&amp; &#x10FFFF; &#99999999999;\n",
)
SUMMARY = json.dumps(dict.fromkeys(STAGES, "success")).encode()
RECORD = {
    "started": "2026-01-01T00:00:00+00:00", "seconds": 1.5, "attempts": 1, "exit": 0, "error": None, "publication": 1,
    "fingerprint": {"version": 1, "settings": {"a": 1}, "services": {"b": "c"}, "needs": {"d": "e"}, "reads": {}},
    "outputs": {"x.json": {"size": 1, "sha256": "00", "mtime_ns": 1}}, "facts": {"k": "v"}, "published": {"p": "u"},
}
ITEM = {"id": "1", "pipeline": "tiny", "title": "A", "author": None, "settings": {"a": 1}, "services": {"b": "c"}}
RUN_FILES = {
    "summary.json": SUMMARY, "stages.json": json.dumps({"search": RECORD}).encode(),
    "item.json": json.dumps(ITEM).encode(),
}
TROUBLE = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\r", b"\n", b"\r\n", b"\t",
    b"\x1b[31m", b"\x85", b"\xe2\x80\xa8", b"\xe2\x80\xae", b'"', b"\\", b"\\u0000", b"\\ud800", b"\\udc00", b"{", b"}",
    b"[", b"]", b",", b":", b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"-0", b"1e-999", b"9" * 400, b"9" * 5000,
    b"[" * 2000, b'{"a":' * 2000, b"|", b" | ", b"#", b"-->", b"99:99:99,999", b"00:00:00.000", b"-1:00",
    b"WEBVTT", b"NOTE", b"<c>", b"</v>", b"&#0;", b"&#xD800;", b"{\\an8}", b"---\n", b"```\n", b"*" * 300,
    b"a" * 10_000, b"[](" * 500, b"word " * 4_000,
)


@dataclass(frozen=True)
class Finding:
    """An exception that no person can make sense of, and the smallest input that raised it."""

    parser: str
    what: str
    data: bytes


def figures(seconds: float) -> list[Figure]:
    """All parsers in turn, `seconds` in all."""
    examples = 0
    findings: dict[str, Finding] = {}
    with TemporaryDirectory() as name:
        parsers = _parsers(Path(name))
        for number, (parser, (samples, parse_it)) in enumerate(parsers.items()):
            tried, found = fuzz(parser, samples, parse_it, seconds / len(parsers), number)
            examples += tried
            findings |= found
    for finding in findings.values():
        print(f"{finding.parser}: {finding.what}\n{finding.data[:500]!r}", file=sys.stderr)
    return [
        Figure("11 hostile files for the parsers", examples, "", required=20 * seconds, at_most=False),
        Figure("11 exceptions that tell nobody what to do", len(findings), "", required=0),
    ]


def fuzz(
    parser: str, samples: tuple[bytes, ...], parse_it: Callable[[bytes], None], seconds: float, first: int
) -> tuple[int, dict[str, Finding]]:
    """How many inputs were tried, and what they found, by the place in the code where it was raised."""
    findings: dict[str, Finding] = {}
    tried = 0

    def try_one(data: bytes) -> None:
        nonlocal tried
        tried += 1
        clock = time.process_time()
        try:
            parse_it(data)
        except PressrunError:
            pass
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            found(f"{type(error).__name__} in {place.filename}:{place.lineno}", str(error)[:300], data)
        if (taken := time.process_time() - clock) > SLOW:
            found("slow", f"{taken:.1f} s for {len(data)} bytes", data)

    def found(kind: str, what: str, data: bytes) -> None:
        known = findings.get(f"{parser} {kind}")
        if known is None or len(data) < len(known.data):
            findings[f"{parser} {kind}"] = Finding(parser, f"{kind}: {what}", data)

    quiet = settings(max_examples=ROUND, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    deadline, number = time.monotonic() + seconds, first * 1_000_000
    while time.monotonic() < deadline:
        number += 1
        seed(number)(quiet(given(_mangled(samples))(try_one)))()
    return tried, findings


def _mangled(samples: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """A good file, in which pieces were taken out, doubled, and put in."""
    piece = st.one_of(st.sampled_from(TROUBLE), st.binary(max_size=6))
    change = st.tuples(st.floats(0, 1), st.integers(0, 20), piece, st.booleans())

    def apply(sample: bytes, changes: list[tuple[float, int, bytes, bool]]) -> bytes:
        for where, length, new, doubled in changes:
            start = int(where * len(sample))
            old = sample[start : start + length]
            sample = sample[:start] + (old + old if doubled else b"") + new + sample[start + length :]
        return sample

    return st.builds(apply, st.sampled_from(samples), st.lists(change, max_size=6))


def _parsers(folder: Path) -> dict[str, tuple[tuple[bytes, ...], Callable[[bytes], None]]]:
    """Name -> good files, and what reads them."""
    run = folder / "run"
    run.mkdir()

    def database(data: bytes) -> None:
        document = parse(Path("database.json"), data)
        again = parse(Path("database.json"), serialize(document))
        if again != document or list(again) != list(document):
            raise ValueError("what is written is not what was read")

    def stored(data: bytes) -> None:
        path = folder / "database.json"
        path.write_bytes(data)
        Database(path).find(next(iter(read_books(None, io.BytesIO(b"Walden")).books)))

    def material(name: str) -> Callable[[bytes], None]:
        def read(data: bytes) -> None:
            path = folder / name
            path.write_bytes(data)
            read_material(path, lambda each: each)

        return read

    def run_file(name: str) -> Callable[[bytes], None]:
        def read(data: bytes) -> None:
            for each, good in RUN_FILES.items():
                (run / each).write_bytes(data if each == name else good)
            run_folder.read(run, STAGES)

        return read

    return {
        "books file": (BOOKS, lambda data: void(read_books(None, io.BytesIO(data)))),
        "database": (tuple(FORMS.values()), database),
        "database on disk": (tuple(FORMS.values()), stored),
        "SubRip": (CAPTIONS, material("talk.srt")),
        "WebVTT": (CAPTIONS, material("talk.vtt")),
        "Markdown": (TEXTS, material("note.md")),
        "text": (TEXTS, material("note.txt")),
        **{name: ((good,), run_file(name)) for name, good in RUN_FILES.items()},
    }


def void(_: object) -> None:
    """For a parser whose answer is of no interest."""
