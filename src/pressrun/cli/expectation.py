"""What a batch is expected to take, before it, and how that compares with what it took, after it."""

from __future__ import annotations

from datetime import datetime, timedelta

from pressrun.cli.formatting import format_duration, format_estimate, format_size
from pressrun.model.plan import Plan
from pressrun.model.result import BatchResult


def expectations(plan: Plan, now: datetime, begins: datetime | None = None) -> list[tuple[str, str, str]]:
    """(name, value, reason) for the plan: when it ends, the room on the disk, the uploads it uses up.

    It `begins` now where nothing else is said.
    """
    if not any(row.stages for row in plan.rows):
        return []
    estimate = plan.estimate
    if estimate is None:
        return [("ends", "no estimate yet", "the first books that finish are what the next plans go by")]
    reason = "as past runs of each stage took"
    if estimate.unknown:
        reason = f"without {', '.join(estimate.unknown)}, of which no run is known yet"
    end = (begins or now) + timedelta(seconds=estimate.seconds)
    took = format_estimate(estimate.seconds)
    took = f"{took} after it begins" if begins else f"after {took}"
    lines = [
        ("ends", f"about {_moment(end, now)}, {took}", reason),
        ("disk", f"about {format_size(estimate.disk)}", f"{format_size(estimate.free)} are free"),
    ]
    if plan.uploads:
        left = max(0, plan.uploads.left - estimate.uploads)
        lines.append(("uploads", f"{estimate.uploads:,}", f"{left:,} of today's are left after it"))
    return lines


def too_little_room(plan: Plan) -> str:
    """What to say of a disk that the batch would fill, or the empty string."""
    estimate = plan.estimate
    if estimate is None or estimate.disk <= estimate.free:
        return ""
    return (
        f"The disk has {format_size(estimate.free)} free, and the batch needs about {format_size(estimate.disk)}: "
        "make room, or run fewer books at a time"
    )


def comparison(result: BatchResult) -> list[str]:
    """How what was expected compares with what was, in sentences; nothing for a batch that was interrupted."""
    estimate = result.estimate
    if estimate is None or result.interrupted:
        return []
    said = f"It was expected to take {format_estimate(estimate.seconds)} and took {format_duration(result.seconds)}"
    if result.disk:
        said += f"; to make {format_size(estimate.disk)} and made {format_size(result.disk)}"
    return [f"{said}."]


def _moment(moment: datetime, now: datetime) -> str:
    """The time of day, with the day where it is another one."""
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    return f"{moment:%a %H:%M}" if moment - now < timedelta(days=6) else f"{moment:%Y-%m-%d %H:%M}"
