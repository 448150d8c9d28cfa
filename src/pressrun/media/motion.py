"""How a picture moves under the text: where the view begins and where it has come to at the end of its scene."""

from __future__ import annotations

import random

from pressrun.media.look import Look
from pressrun.media.shot import WHOLE, View

SHORTEST = 2.0
"""Seconds of a scene below which nothing moves: it would be over before it is seen."""


def views(look: Look, number: int, seconds: float, focus: tuple[float, float], *, drawn: bool) -> tuple[View, View]:
    """Start and end for card `number`, which stands `seconds`. `focus` (pixels of the frame) stays in place in a zoom.

    The kind follows from the book and the number, so that neighbours differ. Text over a drawn background stays clear
    of its ornament, as that is the focus.
    """
    motion = look.style.motion
    pace = motion.drawn if drawn else motion.picture
    amount = min(pace * seconds / 10, motion.most)
    if seconds < SHORTEST or amount < 0.004:
        return WHOLE, WHOLE
    moves = tuple(each for each in motion.moves if each != "pan") or ("zoom-in",) if drawn else motion.moves
    move = moves[(look.seed + number) % len(moves)]
    share = 1 - amount
    x, y = focus[0] / look.shape.width, focus[1] / look.shape.height
    near = View(x * amount, y * amount, share, share)
    if move == "zoom-in":
        return WHOLE, near
    if move == "zoom-out":
        return near, WHOLE
    first, last = View(0, amount * y, share, share), View(amount, amount * y, share, share)
    return (first, last) if random.Random(f"{look.seed} {number}").random() < 0.5 else (last, first)
