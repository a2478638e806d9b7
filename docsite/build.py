"""From the pages to the site: stage all of them in one folder, and let Sphinx write it, strictly.

Sphinx runs in a process of its own, since it keeps much of a build in its modules.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from docsite.contents import ROOT, pages
from docsite.pictures import draw
from docsite.staging import stage

BUILT = ROOT / "build" / "site"
CONF = '''\
"""Written by docsite.build: no option is left to the machine that builds."""
project = "whsync"
author = "whsync's authors"
project_copyright = "whsync's authors"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "whsync"
html_show_sphinx = False
html_copy_source = False
html_use_index = False
html_show_search_summary = False  # a page that is read from a disk may fetch none
html_static_path = ["_static"]
html_css_files = ["whsync.css"]
html_permalinks_icon = "#"
myst_heading_anchors = 4
myst_number_code_blocks = []
nitpicky = True
pygments_style = "friendly"
suppress_warnings = ["misc.highlighting_failure"]  # blocks say `…` where something is left out
'''
STYLE = """\
/* Beside the theme: wide tables scroll by themselves, and pictures of terminals have a frame. */
.content table { display: block; overflow-x: auto; width: fit-content; max-width: 100%; margin-left: 0; }
.content img { border: 1px solid var(--color-background-border); border-radius: 6px; }
"""


def build(folder: Path, pictures: bool = True) -> list[str]:
    """Write the site into `folder`, which it replaces. Returns what is wrong; nothing is written then.

    Args:
        folder: where the site goes.
        pictures: make pictures, too, for which vendors are simulated and a browser is used where there is one.
    """
    with tempfile.TemporaryDirectory(prefix="docsite-") as scratch:
        source, made = Path(scratch, "source"), Path(scratch, "site")
        (source / "_static").mkdir(parents=True)
        (source / "conf.py").write_text(CONF, encoding="utf-8")
        (source / "_static" / "whsync.css").write_text(STYLE, encoding="utf-8")
        drawn = draw(source / "_static") if pictures else ()
        stage(pages(), source, drawn)
        warnings = _sphinx(source, made)
        if not warnings:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(
                made, folder, ignore=shutil.ignore_patterns(".buildinfo*", ".doctrees", "_sources", "objects.inv")
            )
    return warnings


def _sphinx(source: Path, made: Path) -> list[str]:
    """Sphinx over the staged pages, once; each warning is a line, a link that leads nowhere among them."""
    command = [sys.executable, "-m", "sphinx", "-q", "-E", "-b", "html", "-d", str(made / ".doctrees")]
    done = subprocess.run([*command, str(source), str(made)], capture_output=True, text=True, check=False)
    words = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr).replace(f"{source}/", "")
    told = [line for line in words.splitlines() if line.strip()]
    return told or ([f"Sphinx ended with {done.returncode}"] if done.returncode else [])
