"""Decide which network addresses webhooks may reach.

The URL of a webhook comes from a user. Without this check, the server would send requests into its own network for
everyone with a token.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from pressrun.errors import SettingsError

NETWORKS_VARIABLE = "PRESSRUN_WEBHOOK_NETWORKS"
Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
_NAT64 = IPv6Network("64:ff9b::/96")
_NOT_PUBLIC = tuple(
    ip_network(each)
    # Networks that some versions of Python count as global.
    for each in ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "64:ff9b:1::/48", "100::/64", "2001::/23",
                 "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10")
)


class BlockedAddressError(OSError):
    """An address that webhooks may not reach."""


def read_networks(environment: Mapping[str, str] | None = None) -> tuple[Network, ...]:
    """Return the networks in `PRESSRUN_WEBHOOK_NETWORKS`, which webhooks may reach although they are not public.

    Raises `SettingsError` for a value that is not a network.
    """
    text = (os.environ if environment is None else environment).get(NETWORKS_VARIABLE, "")
    networks = []
    for part in text.replace(",", " ").split():
        try:
            networks.append(ip_network(part))
        except ValueError:
            raise SettingsError(
                f"Environment variable {NETWORKS_VARIABLE}: {part!r} is not a network",
                remedy="Write networks as 127.0.0.0/8 or fd00::/8. Separate several with commas.",
            ) from None
    return tuple(networks)


def may_reach(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Return whether webhooks may reach `address`: it is public, or in one of the `allowed` networks."""
    address = _unwrap(address)
    if any(address.version == each.version and address in each for each in allowed):
        return True
    listed = any(address.version == each.version and address in each for each in _NOT_PUBLIC)
    return address.is_global and not (listed or address.is_multicast or address.is_reserved)


def _unwrap(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 address: mapped, translated (NAT64) or tunnelled (6to4)."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped or address.sixtofour:
            return address.ipv4_mapped or address.sixtofour or address
        if address in _NAT64:
            return IPv4Address(address.packed[-4:])
    return address


def literal_address(url: str) -> Address | None:
    """Return the address in `url`, or None if it has a name that must be resolved."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        # The resolver also accepts forms such as 127.1 and 0x7f000001.
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def require_reachable(url: str, allowed: Sequence[Network]) -> None:
    """Raise `BlockedAddressError` if `url` contains an address that webhooks may not reach. Names pass."""
    address = literal_address(url)
    if address and not may_reach(address, allowed):
        raise _blocked(str(urlsplit(url).hostname), address)


async def resolve(host: str, port: int, allowed: Sequence[Network]) -> str:
    """Return an address of `host` that webhooks may reach. The connection must use it, not the name again.

    Raises `BlockedAddressError` if one of its addresses is not allowed: a name with both kinds is an attack or a
    mistake. Raises `OSError` for an unknown name.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    for address in addresses:
        if not may_reach(address, allowed):
            raise _blocked(host, address)
    return str(addresses[0])


def _blocked(host: str, address: Address) -> BlockedAddressError:
    name = str(address) if host == str(address) else f"{host} ({address})"
    return BlockedAddressError(f"{name} is not a public address; {NETWORKS_VARIABLE} can allow its network")
