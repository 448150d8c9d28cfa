"""Check whether each service is ready, and whether those in use really work."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from pressrun.services.checks import Check, Note, State
from pressrun.services.choice import REGISTRIES, choose_service, why_unreachable
from pressrun.services.protocols import Checkable, Context, Service
from pressrun.settings import Settings, as_plain

SERVICES = "Services"


def choice_checks(settings: Settings, workspace: Path, *, ask_network: bool) -> list[Check]:
    """Return one check per kind that finds the name of the service in use."""

    def look(kind: str, _note: Note) -> str:
        return choose_service(kind, settings, workspace, ask_network=ask_network).name

    return [Check(SERVICES, kind, partial(look, kind)) for kind in REGISTRIES]


def service_checks(
    settings: Settings, workspace: Path, chosen: Mapping[str, str], *, ask_network: bool
) -> list[Check]:
    """Return one check per service, those in use first in their kind. `chosen`: kind -> name, as found by
    `choice_checks`."""
    made: list[Check] = []
    for kind, registry in REGISTRIES.items():
        for name in sorted(registry, key=lambda name: name != chosen.get(kind)):
            used = chosen.get(kind) == name
            look = partial(_used if used else _unused, registry[name], settings, workspace, ask_network)
            state: State = "fine" if used else "unused"
            made.append(Check(SERVICES, f"{kind} {name}", look, needed=used, state_if_fine=state))
    return made


def _unused(service: Service, settings: Settings, workspace: Path, ask_network: bool, _note: Note) -> str:
    readiness = service.ready(Context(workspace, as_plain(settings.item)))
    if not readiness.ready:
        return f"{readiness.reason}. {readiness.remedy}".rstrip()
    if missing := why_unreachable(service, readiness, settings, ask_network=ask_network):
        return f"configured, but {missing}"
    return f"not in use; {readiness.reason}"


def _used(service: Service, settings: Settings, workspace: Path, ask_network: bool, note: Note) -> str:
    context = Context(workspace, as_plain(settings.item), note=note)
    readiness = service.ready(context)
    asks_nothing = not service.NEEDS_NETWORK or readiness.near
    if isinstance(service, Checkable) and (ask_network or asks_nothing):
        return f"in use; {service.check(context)}"
    return f"in use; {readiness.reason}" if asks_nothing else f"in use; {readiness.reason}; not checked"
