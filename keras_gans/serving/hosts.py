"""Which names a server answers to, against "DNS rebinding"."""

import contextlib
import ipaddress
import re
from collections.abc import Sequence


def allowed_hosts(host: str, given: Sequence[str] = ()) -> set[str]:
    """Return the names that are answered; all if empty.

    A page of another site can make its own name mean this machine ("DNS rebinding"), and then ask what only this machine's
    users may. Addresses are always answered, because nobody else can make them mean something.

    Args:
        host: The address that the server listens on.
        given: More names.
    """
    if not given and not ipaddress.ip_address(host).is_loopback:
        return set()
    return {"localhost", *(name.lower() for name in given)}


def is_allowed(header: str, hosts: set[str]) -> bool:
    """Whether a `Host` header names an address, or one of the names that are answered."""
    name = re.sub(r":\d*$", "", header).lower()
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(name.strip("[]"))
        return True
    return not hosts or not name or name in hosts
