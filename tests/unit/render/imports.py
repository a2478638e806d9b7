"""Reports of imports for the tests of formats."""

from reconciler.errors import Problem
from reconciler.importing.types import Imported, ImportReport, Looked, NotLooked, Omitted, Secrecy
from reconciler.model.webhook import EVENTS, URL, Fields, scope_of

AT = "2026-11-21T12:00:00Z"
API, WEB = (scope_of({"owner": "acme", "repo": repo}) for repo in ("api", "web"))
ADDRESSES = {"git": "https://api.git.test", "pay": "https://pay.test", "mute": "https://mute.test"}


def fields(url: str) -> Fields:
    """A webhook's."""
    return Fields([(URL, url), (EVENTS, frozenset({"push"}))])


def everything() -> ImportReport:
    """All that an import can tell."""
    url = "https://ci.acme.com/hooks"
    masked = "options.headers: not managed, for Git shows it behind a mask"
    return ImportReport(
        "0.1.0",
        AT,
        (Looked("git", API, 4, 1), Looked("git", WEB, 1, 0), Looked("pay", (), 1, 1, "pages may shift")),
        (
            Imported("ci[api]", "git", API, "1", fields(url), Secrecy.UNKNOWN),
            Imported("ci[web]", "git", WEB, "12", fields(url), Secrecy.UNKNOWN),
            Imported(
                "chat",
                "git",
                API,
                "3",
                fields(f"{url}?token=***~1a2b3c4d"),
                Secrecy.SHOWN,
                (masked,),
                ("`token` in its url",),
                ("CHAT_HOOK_URL",),
            ),
        ),
        (Omitted("git", API, "4", fields("http://old.acme.com/x"), "it points to http://old.acme.com/x, not https"),),
        (NotLooked("mute", "the API of Mute cannot be read"),),
        (Problem("forbidden", "git (repo docs) could not be read: 403", "give it admin:repo_hook", "git"),),
        "webhooks.yaml",
        "webhooks.lock.json",
        "",
        3,
    )


def only_shown() -> ImportReport:
    """Where nothing was written."""
    return everything()._replace(file=None, lock=None, problems=(), left_out=(), not_looked=())


def nothing() -> ImportReport:
    """Where nothing was there."""
    return ImportReport("0.1.0", AT, (Looked("git", API, 0, 0),))


def poisoned(text: str) -> ImportReport:
    """A report in which every text that somebody else could choose is this one."""
    place, told = scope_of({text: text}), Fields([(URL, text), (EVENTS, frozenset({text}))])
    return ImportReport(
        "0.1.0",
        AT,
        (Looked(text, place, 1, 0, text),),
        (Imported(text, text, place, text, told, Secrecy.UNKNOWN, (text,), (text,), (text,)),),
        (Omitted(text, place, text, told, text),),
        (NotLooked(text, text),),
        (Problem("vendor", text, text, text),),
        text,
        text,
    )
