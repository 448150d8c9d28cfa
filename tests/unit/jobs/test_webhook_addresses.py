from __future__ import annotations

import asyncio
from ipaddress import ip_address, ip_network

import pytest

from pressrun.errors import SettingsError
from pressrun.jobs.webhooks.addresses import (
    BlockedAddressError,
    literal_address,
    may_reach,
    read_networks,
    require_reachable,
    resolve,
)

BLOCKED = """
    127.0.0.1 127.8.9.1 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.1 192.0.2.1
    198.18.0.1 198.51.100.7 203.0.113.5 224.0.0.1 240.0.0.1 255.255.255.255 192.88.99.1 :: ::1 fc00::1 fd12::1 fe80::1
    fec0::1 ff02::1 2001:db8::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 2002:7f00:1:: 100::1
    64:ff9b:1::1
"""


@pytest.mark.parametrize("address", BLOCKED.split())
def test_private_and_special_addresses_are_not_reached(address: str) -> None:
    assert not may_reach(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_reached(address: str) -> None:
    assert may_reach(ip_address(address))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "localhost", "x.localhost", "127.1", "0x7f000001", "2130706433", "[fe80::1%25eth0]"]
)
def test_an_address_in_the_url_is_found_in_every_form(host: str) -> None:
    found = literal_address(f"http://{host}:8000/hook")
    assert found
    assert not may_reach(found)
    with pytest.raises(BlockedAddressError, match="is not a public address"):
        require_reachable(f"http://{host}/", ())


def test_a_name_is_checked_when_it_is_resolved() -> None:
    require_reachable("https://localhost.example/", ())
    with pytest.raises(BlockedAddressError, match="localhost"):
        asyncio.run(resolve("localhost", 80, ()))
    networks = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    assert asyncio.run(resolve("localhost", 80, networks)) in ("127.0.0.1", "::1")


def test_networks_are_read_from_the_environment() -> None:
    name = "PRESSRUN_WEBHOOK_NETWORKS"
    assert read_networks({}) == ()
    assert read_networks({name: "10.0.0.0/8, fd00::/8"}) == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    with pytest.raises(SettingsError, match=r"'10\.0\.0\.1/8' is not a network"):
        read_networks({name: "10.0.0.1/8"})
