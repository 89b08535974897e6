"""Whom a limit counts: an address, and of IPv6 the network that a household or a company has."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import request

_IPV6 = 64  # bits of an address, with all addresses below: whoever has one of them has them all


def caller() -> IPv4Address | IPv6Address | None:
    """Where this request comes from; None where the server does not tell."""
    try:
        found = ip_address(request.remote_addr or "")
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def counted_as(address: IPv4Address | IPv6Address | None) -> str:
    """The same for all whom one limit counts together."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _IPV6), strict=False))
    return str(address or "")
