"""Which service of each kind is used, and whether the source has something for every book: asked before the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pressrun.errors import ServiceUnavailableError, SettingsError
from pressrun.media.fonts import load_fonts
from pressrun.media.music import music_path
from pressrun.media.output import checked_output
from pressrun.media.style import style_named
from pressrun.model.book import Book
from pressrun.model.plan import ServiceChoice
from pressrun.services.languages import checked_code
from pressrun.services.protocols import Context, Service
from pressrun.services.publishers import PUBLISHERS
from pressrun.services.sources import SOURCES
from pressrun.services.voices import VOICES
from pressrun.services.writers import WRITERS
from pressrun.settings import ItemSettings, Settings, as_plain

AUTO = "auto"
REGISTRIES: dict[str, Mapping[str, Service]] = {
    "source": SOURCES,
    "writer": WRITERS,
    "voice": VOICES,
    "publisher": PUBLISHERS,
}


def choose(settings: Settings, workspace: Path) -> tuple[ServiceChoice, ...]:
    """One service of each kind, with the reason a user reads; asks the network nothing.

    `auto` takes the first of the registry that is ready; a service that is named is taken or nothing is. Raises
    `SettingsError` for a name that does not exist, and for any other setting that a stage would refuse hours later;
    `ServiceUnavailableError` for a service that cannot be used here.
    """
    _check_what_is_made(settings.item, workspace)
    context = Context(workspace, as_plain(settings.item))
    return tuple(
        _choose(kind, name, REGISTRIES[kind], context) for kind, name in settings.services().items()
    )


def _check_what_is_made(item: ItemSettings, workspace: Path) -> None:
    checked_code(item.language)
    checked_output(as_plain(item))
    music_path(item.music, workspace)
    style_named(item.style, workspace)
    if item.font_dir:
        load_fonts(item.font_dir, workspace)


def _choose(kind: str, name: str, registry: Mapping[str, Service], context: Context) -> ServiceChoice:
    if name == AUTO:
        return _first_ready(kind, registry, context)
    if name not in registry:
        raise SettingsError(
            f'Setting {kind}: there is no {kind} "{name}"', remedy=f"Use one of: {', '.join((AUTO, *registry))}."
        )
    readiness = registry[name].ready(context)
    if not readiness.ready:
        raise ServiceUnavailableError(
            f"The {kind} {name} cannot be used: {readiness.reason}", remedy=readiness.remedy or f"Set {kind} to {AUTO}."
        )
    return ServiceChoice(kind, name, f"as set; {readiness.reason}")


def _first_ready(kind: str, registry: Mapping[str, Service], context: Context) -> ServiceChoice:
    passed: list[str] = []
    remedy = ""
    for name, service in registry.items():
        readiness = service.ready(context)
        if readiness.ready:
            return ServiceChoice(kind, name, readiness.reason)
        passed.append(f"{name} ({readiness.reason})")
        remedy = remedy or readiness.remedy
    raise ServiceUnavailableError(f"No {kind} can be used: {', '.join(passed)}", remedy=remedy or f"Set up a {kind}.")


def preflight(
    books: Sequence[Book], choices: Sequence[ServiceChoice], settings: Settings, workspace: Path
) -> list[str | None]:
    """For each book what the user should know before saying yes: that the source has nothing for it, with the
    nearest names. None where it has something, and for a source that would have to ask the network.
    """
    source = next((SOURCES[choice.name] for choice in choices if choice.kind == "source"), None)
    if source is None or source.NEEDS_NETWORK or not books:
        return [None] * len(books)
    matches = source.find(books, Context(workspace, as_plain(settings.item)))
    return [None if match.chosen else f"No source: {match.reason}" for match in matches]
