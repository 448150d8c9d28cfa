"""`python -m bench.sources [--short] [--json FILE]`: what reaches a script of 120 and more labelled sources, and what is lost."""

from __future__ import annotations

import random
import re
import sys
import textwrap
import time
import unicodedata
from collections.abc import Callable

from bench.report import Figure, parse_arguments, report_figures
from bench.sources.prose import Writer, lost_words
from bench.sources.reading import INPUTS, problems
from pressrun.services.sources.cleaning import clean_text

TEXTS, SHORT_TEXTS = 200, 40
PROSE_BYTES = 2_500_000
_SENTENCE_END = re.compile(r"[.!?…。！？]['\"”’»)\]]*\s*$")


def prose(size: int) -> str:
    """Return wrapped paragraphs of random prose, `size` bytes long."""
    parts, length = [], 0
    seed = 0
    while length < size:
        for part in Writer(seed, kinds=2).paragraphs():
            parts.append(textwrap.fill(part, 72))
            length += len(parts[-1].encode()) + 2
        seed += 1
    random.Random(1).shuffle(parts)
    return "\n\n".join(parts)


def read_plainly(text: str) -> list[str]:
    """Return the paragraphs of a text without cleaning it: what `transcribe` has to do in any case.

    It splits at empty lines, joins wrapped lines, puts no space between characters of scripts that write none, and
    ignores lines that may be headings.
    """
    blocks = [block for block in re.split(r"\n[ \t]*\n|\f", text) if block.strip()]
    paragraphs = []
    for number, block in enumerate(blocks):
        following = blocks[number + 1].strip() if number + 1 < len(blocks) else ""
        if "\n" not in block.strip() and not _SENTENCE_END.search(block) and _SENTENCE_END.search(following):
            continue
        joined = ""
        for line in filter(None, (" ".join(line.split()) for line in block.split("\n"))):
            wide = joined and all(unicodedata.east_asian_width(each) in "WF" for each in (joined[-1], line[0]))
            joined += line if wide or not joined else f" {line}"
        paragraphs.append(joined)
    return paragraphs


def seconds_of(work: Callable[[str], object], text: str, times: int) -> float:
    """Return the shortest processor time in which `work` read a text."""
    taken = []
    for _ in range(times):
        clock = time.process_time()
        work(text)
        taken.append(time.process_time() - clock)
    return min(taken)


def main() -> int:
    options = parse_arguments(__doc__ or "")
    labelled = INPUTS[::8] if options.short else INPUTS
    wrong = [found for each in labelled if (found := problems(each))]
    texts = SHORT_TEXTS if options.short else TEXTS
    lost = [found for seed in range(texts) if (found := lost_words(seed))]
    for line in (*(each[0] for each in wrong), *(f"lost: {' '.join(each[:8])}" for each in lost)):
        print(line, file=sys.stderr)
    text, times = prose(PROSE_BYTES), 3 if options.short else 5
    plain, cleaned = seconds_of(read_plainly, text, times), seconds_of(clean_text, text, times)
    figures = [
        Figure(f"scripts of {len(labelled)} that say what a person would not", len(wrong), "", required=0),
        Figure(f"words lost by cleaning {texts} texts of random prose", sum(map(len, lost)), "", required=0),
        Figure("time added to transcribe for 2.5 MB of prose", cleaned, "s", required=0.3),
        Figure("reading it without cleaning", plain, "s"),
    ]
    return report_figures(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
