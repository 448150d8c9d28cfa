"""An upload is made once, whatever happens: the real upload stage, killed and cut off at every request and chunk.

Each trial starts the stage as the engine does, in a process of its own, against a server on this machine that speaks
the YouTube Data API and misbehaves once; the stage is started again until it is done, or says that it cannot know. The
server counts the bytes that arrive and the videos that come of them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from bench.report import Figure, parse_arguments, report_figures
from bench.uploading.cases import all_cases, short_cases
from bench.uploading.trial import CHUNK, SIZE, Case, Outcome, requests_of_a_clean_run, try_once

AT_ONCE = 2


def main() -> int:
    options = parse_arguments(__doc__ or "")
    requests = requests_of_a_clean_run()
    cases = short_cases(requests) if options.short else all_cases(requests)
    # The slow ones first, so that nothing waits for them at the end.
    cases.sort(key=lambda case: -case.fault.stall)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(try_once, cases))
    for outcome in outcomes:
        if problem := wrong_with(outcome):
            print(f"{outcome.case}: {problem}: {outcome}", file=sys.stderr)
    return report_figures(figures(cases, outcomes, options.short), options.json)


def figures(cases: Sequence[Case], outcomes: Sequence[Outcome], short: bool) -> list[Figure]:
    pairs = list(zip(cases, outcomes, strict=True))
    again = [_sent_again(each) for case, each in pairs if not case.fault.expire]
    noticed = [each.noticed for case, each in pairs if case.fault.stall]
    return [
        Figure("trials", len(outcomes), "", required=None if short else 60, at_most=False),
        Figure("of these with a kill -9", sum(case.kill for case in cases), ""),
        Figure("of these with the session expiring", sum(case.fault.expire for case in cases), ""),
        Figure("videos made twice", sum(max(0, each.videos - 1) for each in outcomes), "", required=0),
        Figure("said to be done, and no video", sum(each.ended == "done" and not each.videos for each in outcomes), "",
               required=0),
        Figure("videos that are not the file", sum(not each.intact for each in outcomes), "", required=0),
        Figure("captions or playlist entries made twice",
               sum(max(0, count - 1) for each in outcomes for count in each.belongings), "", required=0),
        Figure("never done", sum(each.ended not in ("done", "unknown") for each in outcomes), "", required=0),
        Figure("ended as unknown, for a person to say", sum(each.ended == "unknown" for each in outcomes), ""),
        Figure("bytes sent again after a drop, session alive, the most", max(again, default=0.0), "chunks", required=1),
        Figure("chunks sent again without asking first", sum(each.unasked for each in outcomes), "", required=0),
        Figure("silent connection noticed after, the longest", max(noticed, default=0.0), "s", required=15),
        Figure("time of a trial, the longest", max(each.seconds for each in outcomes), "s"),
    ]


def _sent_again(outcome: Outcome) -> float:
    return max(0, outcome.received - SIZE) / CHUNK


def wrong_with(outcome: Outcome) -> str:
    """What must not be, in words, or the empty string."""
    if outcome.videos > 1:
        return "made twice"
    if outcome.ended == "done" and (outcome.videos != 1 or outcome.belongings != (1, 1)):
        return "not complete"
    if not outcome.intact:
        return "another file"
    return "" if outcome.ended in ("done", "unknown") else "never done"


if __name__ == "__main__":
    sys.exit(main())
