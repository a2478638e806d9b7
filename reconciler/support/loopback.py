"""Which hosts are this machine: their URLs may be plain, and no proxy stands before them. [pure]

Asked by `planning.policy`, `config`, `secrets` and `wire`.
"""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
