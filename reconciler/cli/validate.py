"""`whsync validate`: every problem of the files at once, without network or credentials."""

from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.cli.options import format_option
from reconciler.errors import EXIT_ERROR, ConfigError
from reconciler.render.base import counted
from reconciler.render.json import problems_json
from reconciler.render.words import problems_text


@declare("validate")
@format_option("text", "json")
def command(whsync: Context, form: str) -> int:
    """Check the files. Needs neither network nor credentials."""
    try:
        loaded = whsync.load()
    except ConfigError as error:
        if form == "json":
            whsync.out(problems_json(error.problems))
        else:
            whsync.err(problems_text(error.problems, whsync.style()))
            whsync.err(f"{', '.join(map(str, whsync.config_paths))}: {counted(len(error.problems), 'problem')}")
        return EXIT_ERROR
    if form == "json":
        whsync.out(problems_json(()))
    else:
        files = ", ".join(map(str, loaded.files))
        webhooks, providers = counted(len(loaded.desired), "webhook"), counted(len(loaded.providers), "provider")
        whsync.out(f"{files}: {webhooks}, {providers}: valid")
    return 0
