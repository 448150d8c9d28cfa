"""Which service of each kind is used, and whether the source has something for every book: asked before the plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pressrun.errors import ServiceUnavailableError, SettingsError
from pressrun.media.fonts import load_fonts
from pressrun.media.music import music_path
from pressrun.media.output import parse_output
from pressrun.media.style_files import load_style
from pressrun.model.book import Book
from pressrun.model.plan import ServiceChoice
from pressrun.services.covers import COVERS
from pressrun.services.languages import checked_code
from pressrun.services.network import answers, routed
from pressrun.services.protocols import Context, Readiness, Service
from pressrun.services.publishers import PUBLISHERS
from pressrun.services.sources import SOURCES
from pressrun.services.transcribers import TRANSCRIBERS
from pressrun.services.voices import VOICES
from pressrun.services.writers import WRITERS
from pressrun.settings import ItemSettings, Settings, as_plain

AUTO = "auto"
REGISTRIES: dict[str, Mapping[str, Service]] = {
    "source": SOURCES,
    "transcriber": TRANSCRIBERS,
    "writer": WRITERS,
    "voice": VOICES,
    "cover": COVERS,
    "publisher": PUBLISHERS,
}


def choose(
    settings: Settings, workspace: Path, *, ask_network: bool = False, kinds: Collection[str] = tuple(REGISTRIES)
) -> tuple[ServiceChoice, ...]:
    """One service of each of `kinds`, with the reason a user reads.

    `auto` takes the first of the registry that is ready, those on the network only where there is one: with
    `ask_network` their host is tried, without it nothing leaves this machine. A service that is named is taken or
    nothing is. Raises `SettingsError` for a name that does not exist, and for any other setting that a stage would
    refuse hours later; `ServiceUnavailableError` for a service that cannot be used here.
    """
    check_what_is_made(settings.item, workspace)
    return tuple(
        choose_one(kind, settings, workspace, ask_network=ask_network)
        for kind in settings.services()
        if kind in kinds
    )


def choose_one(kind: str, settings: Settings, workspace: Path, *, ask_network: bool = False) -> ServiceChoice:
    """The service of one kind; raises as `choose` does for a service, whatever the other settings are."""
    context = Context(workspace, as_plain(settings.item))
    network = _Network(settings.run.network, ask_network)
    return _choose(kind, settings.services()[kind], REGISTRIES[kind], context, network)


def unreachable(service: Service, readiness: Readiness, settings: Settings, *, ask_network: bool = False) -> str:
    """Why `auto` would pass by a service that is ready, as that there is no network; the empty string otherwise."""
    return "" if readiness.near else _Network(settings.run.network, ask_network).reaches(service)


@dataclass(frozen=True)
class _Network:
    setting: str
    ask: bool

    def reaches(self, service: Service) -> str:
        """Why `auto` does not take a service on the network, or the empty string."""
        if not service.NEEDS_NETWORK or self.setting == "on":
            return ""
        if self.setting == "off":
            return "the setting network is off"
        if not routed():
            return "there is no network"
        host = getattr(service, "HOST", "")
        return f"{host} does not answer" if host and self.ask and not answers(host) else ""


def check_what_is_made(item: ItemSettings, workspace: Path) -> None:
    """Raises `SettingsError` for a language, an output, music, a style or fonts that no item could be made with."""
    checked_code(item.language)
    parse_output(as_plain(item))
    music_path(item.music, workspace)
    load_style(item.style, workspace)
    if item.font_dir:
        load_fonts(item.font_dir, workspace)


def _choose(
    kind: str, name: str, registry: Mapping[str, Service], context: Context, network: _Network
) -> ServiceChoice:
    if name == AUTO:
        return _first_ready(kind, registry, context, network)
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


def _first_ready(
    kind: str, registry: Mapping[str, Service], context: Context, network: _Network
) -> ServiceChoice:
    passed: list[str] = []
    remedy = ""
    last_resort: ServiceChoice | None = None
    for name, service in registry.items():
        readiness = service.ready(context)
        missing = readiness.reason
        if readiness.ready:
            missing = "" if readiness.near else network.reaches(service)
        if not missing and not readiness.last_resort:
            return ServiceChoice(kind, name, readiness.reason)
        if not missing:
            last_resort = last_resort or ServiceChoice(kind, name, readiness.reason)
            continue
        if readiness.configured:
            raise ServiceUnavailableError(
                f"The {kind} {name} is set up and cannot be used: {missing}",
                remedy=readiness.remedy or f"Set {kind} to another, or mend it.",
            )
        passed.append(f"{name} ({missing})")
        remedy = remedy or readiness.remedy
    if last_resort:
        return last_resort
    raise ServiceUnavailableError(f"No {kind} can be used: {', '.join(passed)}", remedy=remedy or f"Set up a {kind}.")


def preflight(
    books: Sequence[Book], choices: Sequence[ServiceChoice], settings: Settings, workspace: Path
) -> list[str | None]:
    """Return why the source has nothing for each book, with the nearest names.

    None for a book that it has something for, and for every book if it would have to ask the network.
    """
    source = next((SOURCES[choice.name] for choice in choices if choice.kind == "source"), None)
    if source is None or source.NEEDS_NETWORK or not books:
        return [None] * len(books)
    matches = source.find(books, Context(workspace, as_plain(settings.item)))
    return [None if match.chosen else match.reason for match in matches]
