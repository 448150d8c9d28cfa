"""Map the names of services to their modules, imported on first use because a plan needs only a few of them."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any, TypeVar

from pressrun.errors import ServiceUnavailableError

S = TypeVar("S")


class Registry(MutableMapping[str, S]):
    """Name -> module of that name in a package. The order is the order of preference if the setting is "auto"."""

    def __init__(self, package: str, *names: str) -> None:
        self._package = package
        self._services: dict[str, Any] = dict.fromkeys(names)
        """None for a module that is not imported yet."""

    def __getitem__(self, name: str) -> S:
        service: S | None = self._services[name]
        if service is None:
            service = self._services[name] = import_module(f"{self._package}.{name}")  # type: ignore[assignment]
        return service  # type: ignore[return-value]

    def require(self, name: str) -> S:
        """Return the service `name`. Raises `ServiceUnavailableError`, which lists all names, if it is unknown."""
        if name not in self._services:
            kind = self._package.rpartition(".")[2].removesuffix("s")
            known = ", ".join(sorted(self._services))
            raise ServiceUnavailableError(f'Unknown {kind} "{name}"', remedy=f"Set {kind} to one of: {known}.")
        return self[name]

    def __setitem__(self, name: str, service: S) -> None:
        self._services[name] = service

    def __delitem__(self, name: str) -> None:
        del self._services[name]

    def __contains__(self, name: object) -> bool:
        return name in self._services

    def __iter__(self) -> Iterator[str]:
        return iter(self._services)

    def __len__(self) -> int:
        return len(self._services)
