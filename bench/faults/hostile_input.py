"""Promise 11: hostile titles and files have no effect beyond an error line.

They meet the real commands, without a terminal and in one. Beside the workspace lie canaries: a pipe that shows
whether somebody opens it, and a text whose words must not turn up anywhere.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pexpect  # type: ignore[import-untyped]

from bench.faults.trial import PROJECT, Trial, partial_files, spread, wait_for_exit
from bench.report import Figure

SECRET = "Wombats keep their quarterly secrets under blue umbrellas."
ESCAPE = "\x1b]0;owned\x07\x1b[31mred\x1b[0m"
MAY_BE_REFUSED = (
    f"Escape {ESCAPE}", "Bell \x07", "Zero \x00", "C1 \x9b31m", "L" * 10_000, "Author | " + "L" * 10_000, "|", " | Ann",
    "\u202e", "a" * 200 + "\u0301" * 9_000,
)
"""Lines that the list may refuse; each is tried alone, as one of them refuses the list."""
HOSTILE = (
    "[/nope]", "[bold red]markup[/bold red] [link=file:///etc/passwd]x[/link]", ":boom: [/]",
    "Bidi \u202eevil\u202c \u2066x", "../../escape", "/etc/passwd", "..", ".", "~", "~root", "-y.mp4", "--dry-run",
    "-", "$(touch owned)", "`touch owned`", "; touch owned #", "%s %n {0} {book.__class__}", "C:\\owned.txt", "con",
    "nul.txt", "file:///etc/passwd", "http://127.0.0.1:1/", "../" * 40 + "tmp/owned", "\u0301\u0301combining",
    "👩‍👩‍👧‍👦 family", "كتاب عربي | كاتب", "\ufeffmark", "</script><script>alert(1)</script>",
    "'; DROP TABLE books; --", "x" * 300, "𝔚𝔞𝔩𝔡𝔢𝔫", "a\u2028b", "\\# hash",
)
"""Lines that are odd titles, and books all the same."""
PLAYLIST = "#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:9,\n{0}\n#EXT-X-ENDLIST\n"
CONCAT = "ffconcat version 1.0\nfile '{0}'\nfile 'file:{0}'\n"
CAPTIONS = "1\n00:00:00,000 --> 99:99:99,999\n{{\\an8}}<b>" + ESCAPE + "</b> [/nope]\n\n2\nnonsense --> 00:00\n\n"
_VISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters of the input that may never reach an output that is no terminal."""


def title_figures(lines: int) -> list[Figure]:
    titles = spread(HOSTILE, lines)
    odd, refused = odd_titles(titles), refusals(spread(MAY_BE_REFUSED, lines))
    terminal = hostile_titles_in_a_terminal(titles)
    return [
        _figure("11 effects of odd titles", odd),
        _figure("11 effects of titles that are refused", refused),
        _figure("11 effects of hostile titles in a terminal", terminal),
    ]


def file_figures(files: int) -> list[Figure]:
    return [_figure("11 effects of hostile files", hostile_files(files))]


def _figure(what: str, problems: Sequence[str]) -> Figure:
    for problem in problems:
        print(problem, file=sys.stderr)
    return Figure(what, len(problems), "", required=0)


def odd_titles(lines: Sequence[str]) -> list[str]:
    """What a batch of them did that it should not have."""
    with _outpost() as (trial, canaries):
        code, output = trial.finish(*lines, until="search", output_format="json")
        found = [*canaries.problems(output), *_strays(trial.folder)]
        if code != 0:
            found.append(f"exit code {code}: {output[-500:]}")
        made = [entry["status"] for entry in trial.books()]
        if made != ["processing"] * len(lines):
            found.append(f"{len(made)} of {len(lines)} titles became books")
        return found


def refusals(lines: Sequence[str]) -> list[str]:
    """The same for lines of which each is tried alone, without running anything."""
    found = []
    for line in lines:
        with _outpost() as (trial, canaries):
            (trial.folder / "books.txt").write_text(f"Fine\n{line}\n", encoding="utf-8")
            code, output = wait_for_exit(trial.start([*trial.argv(), "--dry-run"]))
            found += [f"{line[:20]!r}: {each}" for each in canaries.problems(output)]
            if code not in (0, 2) or (code == 2 and "line 2" not in " ".join(output.split())):
                found.append(f"{line[:20]!r}: exit code {code}: {output[-500:]}")
    return found


def hostile_titles_in_a_terminal(lines: Sequence[str]) -> list[str]:
    """The plan and the view of a run; also for a database that holds what no list may."""
    entries = [
        {"main_title": f"Fine {ESCAPE}", "status": "done", "youtube_url": f"https://x/{ESCAPE}[/nope]"},
        {"main_title": "Runs", "status": "processing", "run_folder": "../../outside"},
        {"main_title": "Absolute", "status": "processing", "run_folder": "/etc"},
        {"main_title": "Told", "status": "done", "youtube_url": f"javascript:{ESCAPE}\u202e"},
    ]
    with _outpost() as (trial, canaries):
        (trial.folder / "database.json").write_text(json.dumps({"books": entries}), encoding="utf-8")
        trial.list_books(*lines, "Runs", "Absolute", "Told")
        first, *rest = trial.argv(until="search")
        environment = trial.variables() | {"TERM": "xterm-256color"}
        terminal = pexpect.spawn(first, rest, env=environment, dimensions=(50, 120), timeout=300)
        output = terminal.read().decode("utf-8", "replace")
        terminal.close()
        found = [*canaries.problems("", run=trial.folder), *_strays(trial.folder)]
        marks = ("\x1b]0;", "\x1b[31mred", "\u202e", "\u2066")
        found += [f"{mark!r} reached the terminal" for mark in marks if mark in output]
        found += ["an unexpected error"] if "nexpected" in output or "Traceback" in output else []
        return found + ([] if terminal.exitstatus in (0, 1) else [f"exit code {terminal.exitstatus}"])


def hostile_files(files: int) -> list[str]:
    """Run the real pipeline on sources that are not what they seem; the one good note becomes a script.

    Every file that could touch the canaries is read, and `files` of the others.
    """
    with _outpost(PRESSRUN_PIPELINE="pressrun.pipelines.book_video:BOOK_VIDEO") as (trial, canaries):
        reaching, others = _write_sources(trial.folder / "sources", canaries)
        titles = [*reaching, *spread(others, files)]
        code, output = trial.finish("Walden", *titles, until="process", source="folder", writer="extractive")
        found = [*canaries.problems(output, trial.folder), *_strays(trial.folder)]
        if "nexpected" in output:
            found.append(f"an error that nobody foresaw: {output[-3000:]}")
        checkpoints = {path.parent.name.partition("_")[2].partition("_")[2]: json.loads(path.read_bytes())
                       for path in trial.folder.glob("runs/*/summary.json")}
        if checkpoints.get("Walden", {}).get("process") != "success":
            found.append(f"the good note did not become a script: {output[-2000:]}")
        return found + ([] if code in (0, 1) else [f"exit code {code}: {output[-500:]}"])


def _write_sources(sources: Path, canaries: _Canaries) -> tuple[list[str], list[str]]:
    """Fill `sources`; return the titles of the files that lead out of it, or block, and those of the others."""
    sources.mkdir()
    note = (PROJECT / "examples" / "sources" / "walden.md").read_text(encoding="utf-8")
    (sources / "Walden.md").write_text(note, encoding="utf-8")
    playlists: dict[str, bytes] = {
        "Playlist.mp4": PLAYLIST.format(canaries.pipe).encode(), "Concat.mkv": CONCAT.format(canaries.pipe).encode(),
        "Relative.webm": PLAYLIST.format("../../pipe").encode(),
        "Playlist Sound.wav": PLAYLIST.format(canaries.pipe).encode(),
    }
    files: dict[str, bytes] = {
        "-y.mp4": b"\x00" * 100, "Empty.mp4": b"",
        "Caps.srt": CAPTIONS.encode() * 3, "Huge.srt": CAPTIONS.encode() + b"9" * 10_000,
        "Long Line.md": b"word " * 2_000 + b"\n" + b"x" * 10_000, "One Letter.txt": b"a", "Nulls.txt": b"\x00" * 5_000,
        "Bytes.txt": bytes(range(128, 256)) * 40, "Wide.txt": "wide text. ".encode("utf-16") * 50,
        "Escape.md": f"# Escape\n\n{ESCAPE} [/nope] says the page. ".encode() * 40, "Brackets.md": b"[" * 20_000,
        "Front.md": b"---\ntitle: Front\nauthor: " + b"A" * 9_000 + b"\n---\n" + b"Text. " * 300,
        "Stars.md": b"*_`#>" * 4_000, "[nope].md": b"A note in brackets. " * 60, "%s.md": b"A note of format. " * 60,
    }
    for name, content in (playlists | files).items():
        (sources / name).write_bytes(content)
    (sources / f"Name {ESCAPE}.md").write_text("A name with an escape. " * 60, encoding="utf-8")
    (sources / "Two\nLines.md").write_text("A name of two lines. " * 60, encoding="utf-8")
    (Path(os.fsdecode(os.fsencode(sources) + b"/Latin \xe9.md"))).write_bytes(b"A name in Latin-1. " * 60)
    (sources / "Secret.md").symlink_to(canaries.text)
    (sources / "Secret Folder").symlink_to(canaries.text.parent, target_is_directory=True)
    (sources / "Loop.md").symlink_to(sources / "Loop.md")
    (sources / "Pipe.md").symlink_to(canaries.pipe)
    os.mkfifo(sources / "Blocked.md")
    (sources / "Folder.md").mkdir()
    links = ["Secret", "Secret Folder", "Loop", "Pipe", "Blocked", "Folder"]
    return (
        [Path(name).stem for name in playlists] + links,
        [Path(name).stem for name in files] + ["Name red", "Two Lines", "Latin"],
    )


class _Canaries:
    """Files beside the workspace that nobody has any business with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.text, self.pipe = folder / "private" / "secret.md", folder / "pipe"
        self.text.parent.mkdir()
        self.text.write_text(f"{SECRET} " * 40, encoding="utf-8")
        os.mkfifo(self.pipe)
        self.opened = False
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()
        self._before = self._outside()

    def close(self) -> None:
        self._done.set()
        self._watcher.join()

    def problems(self, output: str, run: Path | None = None) -> list[str]:
        """What happened that must not: canaries touched, words that leaked, characters that act."""
        found = ["the pipe outside the workspace was opened"] if self.opened else []
        if self._outside() != self._before:
            found.append(f"files outside the workspace: {sorted(self._outside() ^ self._before)}")
        kept = [path for path in run.rglob("*") if path.is_file() and not path.is_symlink()] if run else []
        found += [f"{path.name} has the secret" for path in kept if SECRET.encode() in path.read_bytes()]
        found += [f"{match!r} stands in the output" for match in set(_VISIBLE.findall(output))]
        return found + (["a traceback stands in the output"] if "Traceback" in output else [])

    def _outside(self) -> set[str]:
        names = (path.relative_to(self.folder) for path in self.folder.rglob("*"))
        return {str(name) for name in names if name.parts[0] != "workspace"}

    def _watch(self) -> None:
        """A pipe can be opened for writing, without waiting, only while somebody has it open for reading."""
        while not self._done.wait(0.005):
            try:
                os.close(os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK))
            except OSError:
                continue
            self.opened = True


@contextmanager
def _outpost(**environment: str) -> Iterator[tuple[Trial, _Canaries]]:
    """A workspace with canaries around it."""
    with TemporaryDirectory(prefix="outpost-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        (folder / "workspace").mkdir()
        trial, canaries = Trial(folder / "workspace", environment), _Canaries(folder)
        try:
            yield trial, canaries
        finally:
            canaries.close()
            trial.close()


def _strays(workspace: Path) -> list[str]:
    """Files where none belong."""
    known = ("books.txt", "database.json", ".database.json.queue", "runs", "sources", "tiny.log")
    found = [f"{name} appeared in the workspace" for name in os.listdir(workspace) if not name.startswith(known)]
    folders = [path.name for path in (workspace / "runs").glob("[!.]*")]
    found += [f"{name!r} is an odd run folder" for name in folders if not re.fullmatch(r"[\d_-]{19}_[^/\\.]+", name)]
    return found + [f"{path} is half-made" for path in partial_files(workspace)]
