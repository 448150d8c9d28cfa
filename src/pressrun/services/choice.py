"""Choose a service of each kind, and check before planning that the source has material for every book."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from pressrun.errors import ServiceUnavailableError, SettingsError
from pressrun.media.fonts import load_fonts
from pressrun.media.music import music_path
from pressrun.media.output import parse_output
from pressrun.media.style_files import load_style
from pressrun.model.plan import ServiceChoice
from pressrun.services.covers import COVERS
from pressrun.services.languages import parse_language
from pressrun.services.network import has_route, host_responds
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


def choose_services(
    settings: Settings, workspace: Path, *, ask_network: bool = False, kinds: Collection[str] = tuple(REGISTRIES)
) -> tuple[ServiceChoice, ...]:
    """Return one service for each of `kinds`, with the reason shown to the user.

    `auto` picks the first ready service of the registry. Network services need a route to the network; with
    `ask_network` their host must also respond, otherwise no request is sent. A service set by name is never replaced.
    Raises `SettingsError` for an unknown name and for any other setting that a stage would reject hours later, and
    `ServiceUnavailableError` for a service that cannot be used here.
    """
    validate_item_settings(settings.item, workspace)
    return tuple(
        choose_service(kind, settings, workspace, ask_network=ask_network)
        for kind in settings.services()
        if kind in kinds
    )


def choose_service(kind: str, settings: Settings, workspace: Path, *, ask_network: bool = False) -> ServiceChoice:
    """Return the service of one kind without validating other settings. Raises like `choose_services`."""
    context = Context(workspace, as_plain(settings.item))
    network = _Network(settings.run.network, ask_network)
    return _choose_by_name(kind, settings.services()[kind], REGISTRIES[kind], context, network)


def why_unreachable(service: Service, readiness: Readiness, settings: Settings, *, ask_network: bool = False) -> str:
    """Return why `auto` would skip a ready service, e.g. no network, or an empty string."""
    return "" if readiness.near else _Network(settings.run.network, ask_network).why_unreachable(service)


@dataclass(frozen=True)
class _Network:
    setting: str
    ask: bool

    def why_unreachable(self, service: Service) -> str:
        """Return why `auto` does not use a network service, or an empty string."""
        if not service.NEEDS_NETWORK or self.setting == "on":
            return ""
        if self.setting == "off":
            return "the setting network is off"
        if not has_route():
            return "there is no network"
        host = getattr(service, "HOST", "")
        return f"{host} does not answer" if host and self.ask and not host_responds(host) else ""


def validate_item_settings(item: ItemSettings, workspace: Path) -> None:
    """Raise `SettingsError` if the language, output, music, style or fonts are invalid."""
    parse_language(item.language)
    parse_output(as_plain(item))
    music_path(item.music, workspace)
    load_style(item.style, workspace)
    if item.font_dir:
        load_fonts(item.font_dir, workspace)


def _choose_by_name(
    kind: str, name: str, registry: Mapping[str, Service], context: Context, network: _Network
) -> ServiceChoice:
    if name == AUTO:
        return _first_ready(kind, registry, context, network)
    if name not in registry:
        raise SettingsError(
            f'Setting {kind}: unknown {kind} "{name}"', remedy=f"Use one of: {', '.join((AUTO, *registry))}."
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
            missing = "" if readiness.near else network.why_unreachable(service)
        if not missing and not readiness.last_resort:
            return ServiceChoice(kind, name, readiness.reason)
        if not missing:
            last_resort = last_resort or ServiceChoice(kind, name, readiness.reason)
            continue
        if readiness.configured:
            raise ServiceUnavailableError(
                f"The {kind} {name} is configured but cannot be used: {missing}",
                remedy=readiness.remedy or f"Fix it, or set {kind} to another.",
            )
        passed.append(f"{name} ({missing})")
        remedy = remedy or readiness.remedy
    if last_resort:
        return last_resort
    raise ServiceUnavailableError(f"No {kind} can be used: {', '.join(passed)}", remedy=remedy or f"Set up a {kind}.")
