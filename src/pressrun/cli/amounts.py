"""Durations and amounts as a user reads them."""

from __future__ import annotations

import math


def show_duration(seconds: float) -> str:
    """`3.2 s`, `45 s`, `2 min 05 s`, `1 h 02 min`: as exact as it is worth knowing."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def show_estimate(seconds: float) -> str:
    """A duration that is a guess, rounded up to what a guess is worth: `25 s`, `4 min`, `2 h 10 min`."""
    if seconds <= 55:
        return f"{max(5, math.ceil(seconds / 5) * 5)} s"
    minutes = math.ceil(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    minutes = math.ceil(minutes / 5) * 5
    return f"{minutes // 60} h {minutes % 60:02d} min"


def show_size(size: int) -> str:
    """Bytes as `812 B`, `3.4 kB`, `120 MB`, `1.2 GB`, in steps of a thousand."""
    value, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "B" or value >= 9.95 else f"{value:.1f} {unit}"


def show_progress(done: float, total: float, unit: str) -> str:
    """`1,204/3,600 frames`, `12/48 MB`; without a total what is done alone."""
    if unit == "bytes":
        scale, unit = (1e6, "MB") if max(done, total) >= 1e6 else (1e3, "kB")
        done, total = done / scale, total / scale
    counted = f"{_number(done)}/{_number(total)}" if total > 0 else _number(done)
    return f"{counted} {unit}".rstrip()


def _number(value: float) -> str:
    return f"{value:,.1f}" if value < 10 and value != int(value) else f"{round(value):,}"


def count(number: int, noun: str) -> str:
    """`1 book`, `3 books`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
