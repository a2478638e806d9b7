"""A report as one HTML page: the only importer of jinja2. Called by `render.html`."""

from base64 import b64encode
from functools import cache
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined

from reconciler.render.html.view import Report

_TEMPLATES = PackageLoader("reconciler.render.html")


def page(report: Report) -> str:
    """The page, ending in a newline. Its style and its script are the same for every report, and known by digest."""
    style, script = _text("report.css"), _text("report.js")
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)};"
        " base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )
    template = _environment().get_template("report.html.j2")
    return template.render(report=report, style=style, script=script, policy=policy)


@cache
def _text(name: str) -> str:
    return _TEMPLATES.get_source(_environment(), name)[0]


@cache
def _environment() -> Environment:
    """Everything that is put into the template is escaped, unless it is our own style or script."""
    return Environment(
        loader=_TEMPLATES,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
