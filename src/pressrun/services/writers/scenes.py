"""Select the sentences of a script: stretches of the source become scenes with their best sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pressrun.services.writers.units import Unit

MIN_SCENES, MAX_SCENES = 5, 9
"""Minimum and maximum number of scenes of a video."""
SCENE_SECONDS = 15.0
"""Seconds of an ordinary scene."""
MIN_SCENE_SECONDS = 5.0
"""Seconds of a scene of one sentence; a video too short for five of them has fewer scenes."""
STEP = 0.2
"""Resolution in seconds of the selection of sentences."""
NEXT_BONUS = 0.35
"""Bonus for a sentence whose predecessor in the source is also selected."""
OPENING_BONUS = 0.6
"""Bonus for a sentence that begins a paragraph: it usually gives the topic."""
LEADING_BONUS = 100.0
"""Bonus, in seconds, for the first sentence of a section: later ones refer to it, so it is used if it fits."""
START_COST = 3.5
"""Cost of starting another stretch in the short, in seconds of average sentences."""
WEAK_COST = 1.5
"""Cost of starting with a sentence that refers back to one that is left out."""
MIN_FILL = 0.93
"""Minimum share of its time that the short fills, if the sentences allow it."""

State = tuple[float, tuple[int, ...]]
"""Value of a selection, and its indices."""


def group_into_scenes(units: Sequence[Unit], seconds: float) -> list[list[Unit]]:
    """Return `units` in five to nine consecutive groups for `seconds`; fewer if there is too little text.

    The sections of the source are kept if their number allows. Of more sections, the nine with the highest weight are
    kept; if there are fewer, they are divided where the subject changes.
    """
    if not units:
        return []
    said = min(seconds, sum(unit.seconds for unit in units))
    most = min(MAX_SCENES, max(1, round(said / MIN_SCENE_SECONDS)))
    wanted = min(len(units), most, max(MIN_SCENES, round(said / SCENE_SECONDS)))
    sections = [[unit for unit in units if unit.section == number] for number in sorted({u.section for u in units})]
    if len(sections) > most:
        weightiest = sorted(range(len(sections)), key=lambda index: -weight(sections[index]))[:most]
        return [sections[index] for index in sorted(weightiest)]
    if len(sections) >= min(MIN_SCENES, wanted):
        return sections
    while len(sections) < wanted:
        longest = max(range(len(sections)), key=lambda index: (len(sections[index]) > 1, weight(sections[index])))
        if len(sections) == 1:
            return divide(sections[0], wanted)
        if len(sections[longest]) < 2:
            break
        sections[longest : longest + 1] = divide(sections[longest], 2)
    return sections


def weight(units: Sequence[Unit]) -> float:
    """Return the weight of the units: their seconds, multiplied by the ratings of their sentences."""
    return sum(unit.seconds * unit.rating for unit in units)


def divide(units: Sequence[Unit], parts: int) -> list[list[Unit]]:
    """Divide `units` into `parts` consecutive groups of similar length, where the words change and a paragraph begins.
    """
    parts = min(parts, len(units))
    total = [0.0]
    for unit in units:
        total.append(total[-1] + unit.seconds)
    ideal = total[-1] / parts
    cuts = [_cut_cost(units, index) for index in range(len(units))]
    best: list[list[float]] = [[math.inf] * (len(units) + 1) for _ in range(parts + 1)]
    back = [[0] * (len(units) + 1) for _ in range(parts + 1)]
    best[0][0] = 0.0
    for part in range(1, parts + 1):
        for end in range(part, len(units) - (parts - part) + 1):
            for start in range(end - 1, part - 2, -1):
                total_seconds = total[end] - total[start]
                if total_seconds > 3 * ideal and start < end - 1:
                    break
                cost = best[part - 1][start] + ((total_seconds - ideal) / ideal) ** 2 + (cuts[start] if start else 0.0)
                if cost < best[part][end]:
                    best[part][end], back[part][end] = cost, start
    groups: list[list[Unit]] = []
    end = len(units)
    for part in range(parts, 0, -1):
        start = back[part][end]
        first = units[start]
        groups.append([replace(first, leads=first.leads or first.opens), *units[start + 1 : end]])
        end = start
    return groups[::-1]


def _cut_cost(units: Sequence[Unit], index: int) -> float:
    """Return the cost of starting a group at `index`: high for a sentence that refers back or continues the subject."""
    before = {token for unit in units[max(0, index - 3) : index] for token in unit.tokens if len(token) > 3}
    after = {token for unit in units[index : index + 3] for token in unit.tokens if len(token) > 3}
    shared = len(before & after) / (1 + min(len(before), len(after)))
    return shared + (1.0 if units[index].weak else 0.0) - (0.3 if units[index].opens else 0.0)


def select_sentences(groups: Sequence[Sequence[Unit]], seconds: float) -> list[list[Unit]]:
    """Select sentences from each group that together take about `seconds`, at least one per group."""
    if _length_of(groups) <= seconds:
        return [list(group) for group in groups]
    best: list[list[Unit]] = []
    aim = seconds
    for _ in range(6):
        scenes = _select_once(groups, aim)
        missing = seconds - _length_of(scenes)
        if not best or abs(missing) < abs(seconds - _length_of(best)):
            best = scenes
        # Whole sentences rarely fill a scene exactly, so the target is corrected by the difference.
        if abs(missing) <= 0.02 * seconds:
            break
        aim = max(STEP, aim + missing)
    return best


def total_seconds(units: Iterable[Unit]) -> float:
    """Return the total seconds of the units."""
    return sum(unit.seconds for unit in units)


def _length_of(scenes: Sequence[Sequence[Unit]]) -> float:
    return sum(map(total_seconds, scenes))


def _select_once(groups: Sequence[Sequence[Unit]], seconds: float) -> list[list[Unit]]:
    shares = _allot_seconds([total_seconds(group) for group in groups], seconds)
    scenes = []
    carried = 0.0
    for group, share in zip(groups, shares, strict=True):
        scene = best_sentences(group, share + carried) or [_least(group)]
        carried += share - total_seconds(scene)
        scenes.append(scene)
    return scenes


def _allot_seconds(lengths: Sequence[float], seconds: float) -> list[float]:
    """Allot seconds to each group: by the square root of its length, and never more than it has."""
    shares = [0.0] * len(lengths)
    open_groups = set(range(len(lengths)))
    left = seconds
    while open_groups and left > STEP:
        roots = sum(math.sqrt(lengths[index]) for index in open_groups)
        given = {index: left * math.sqrt(lengths[index]) / roots for index in open_groups}
        full = {index for index in open_groups if shares[index] + given[index] >= lengths[index]}
        for index in open_groups:
            if index in full or not full:
                before = shares[index]
                shares[index] = min(lengths[index], before + given[index])
                left -= shares[index] - before
        if not full:
            break
        open_groups -= full
    return shares


def _least(group: Sequence[Unit]) -> Unit:
    return min(group, key=lambda unit: (unit.weak, -unit.rating / unit.seconds))


def select_beginnings(scenes: Sequence[Sequence[Unit]], seconds: float) -> list[Unit]:
    """Return two or more first sentences of a few scenes, or whole scenes, that fill `seconds` best; in order.

    Fewer and longer stretches are better to listen to than one sentence of every scene. Returns nothing if half of the
    time would stay unused.
    """
    room = _cells(seconds)
    best: list[State] = [(-math.inf, ())] * (room + 1)
    best[0] = (0.0, ())
    starts = [scene[:count] for scene in scenes for count in range(min(2, len(scene)), len(scene) + 1)]
    owner = [number for number, scene in enumerate(scenes) for _ in range(min(2, len(scene)), len(scene) + 1)]
    for number in range(len(scenes)):
        now = list(best)
        for index in (each for each, own in enumerate(owner) if own == number):
            size = math.ceil(total_seconds(starts[index]) / STEP)
            value = weight(starts[index]) - START_COST
            for used in range(size, room + 1):
                if best[used - size][0] + value > now[used][0]:
                    now[used] = (best[used - size][0] + value, (*best[used - size][1], index))
        best = now
    # The best one that fills the time; if there is none, the one that leaves the least time unused.
    full = [each for each in best[math.floor(room * MIN_FILL) :] if each[1]]
    fuller = next((each for each in reversed(best[room // 2 :]) if each[1]), (0.0, ()))
    chosen = max(full, key=lambda each: each[0])[1] if full else fuller[1]
    return [unit for index in chosen for unit in starts[index]]


def _cells(seconds: float) -> int:
    return max(0, int(seconds / STEP))


def best_sentences(group: Sequence[Unit], seconds: float) -> list[Unit]:
    """Return the most valuable sentences of `group` that fit in `seconds`, in order.

    A sentence is worth its length times its rating, plus bonuses for following its neighbour and for opening a
    paragraph. A sentence that refers back is used only after its predecessor; at the head of the group it costs more
    than it is worth.
    """
    room = _cells(seconds)
    # A 0/1 knapsack over time in units of STEP: entry `t` of a table is the best choice that takes exactly `t` steps.
    # The value of a sentence depends on whether the one before it was chosen (a bonus, or the right to be chosen at all
    # if it refers back), so there are two tables: `taken` for choices that end with the previous sentence and `without`
    # for all others. Ties keep the earlier choice, so the result does not depend on rounding.
    without: list[State | None] = [(0.0, ())] * (room + 1)
    taken: list[State | None] = [None] * (room + 1)
    for index, unit in enumerate(group):
        size = max(1, math.ceil(unit.seconds / STEP))
        follows = index > 0 and group[index - 1].place == unit.place - 1
        alone = not unit.weak or index == 0
        now: list[State | None] = [None] * (room + 1)
        for used in range(size, room + 1):
            now[used] = _better(
                _extended(without[used - size], index, _value(unit, False)) if alone else None,
                _extended(taken[used - size], index, _value(unit, follows)) if alone or follows else None,
            )
        without = [_better(plain, mine) for plain, mine in zip(without, taken, strict=True)]
        taken = now
    finals = [each for each in (*without, *taken) if each is not None]
    chosen = max(finals, key=lambda each: (each[0], [-index for index in each[1]]))[1] if finals else ()
    return [group[index] for index in chosen]


def _value(unit: Unit, follows: bool) -> float:
    factor = unit.rating + (OPENING_BONUS if unit.opens else 0.0)
    if follows:
        factor += NEXT_BONUS
    elif unit.weak:
        factor -= WEAK_COST + unit.rating
    return unit.seconds * factor + (LEADING_BONUS if unit.leads and not unit.weak else 0.0)


def _extended(state: State | None, index: int, value: float) -> State | None:
    return None if state is None else (state[0] + value, (*state[1], index))


def _better(left: State | None, right: State | None) -> State | None:
    if left is None or right is None:
        return left or right
    return left if left[0] >= right[0] else right
