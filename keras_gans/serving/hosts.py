"""Which `Host` and `Origin` headers of requests are answered."""

import contextlib
import ipaddress
import re
from collections.abc import Sequence

from keras_gans.serving.errors import ServingError


def allowed_hosts(host: str, given: Sequence[str] = ()) -> set[str]:
    """Return the names that are answered; all if empty.

    A page of another site can make its own name mean this machine ("DNS rebinding"), and then ask what only this machine's
    users may. Addresses are always answered, because nobody else can make them mean something.
    """
    if not given and not ipaddress.ip_address(host).is_loopback:
        return set()
    return {"localhost", *(name.lower() for name in given)}


def is_allowed(header: str, hosts: set[str]) -> bool:
    """Return whether a request is answered.

    Args:
        header: Its `Host`.
        hosts: What `allowed_hosts` returned.
    """
    name = re.sub(r":\d*$", "", header).lower()
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(name.strip("[]"))
        return True
    return not hosts or not name or name in hosts


def not_this_server(header: str, has_flag: bool = True) -> ServingError:
    """Return the error of a request for another host; servers without the flag `--allowed_hosts` do not name it."""
    hint = " If it is meant to be, start it with --allowed_hosts=NAME." if has_flag else ""
    return ServingError("PERMISSION_DENIED", f"This server is not '{header[:100]}'.{hint}")
