"""A page of each folder of examples/: its README, and its files as they are. Used by `docsite.contents`."""

from pathlib import Path

from docsite.markdown import fence

_FOLDER = Path(__file__).parents[1] / "examples"
_LANGUAGES = {".yaml": "yaml", ".yml": "yaml", ".sh": "sh"}


def folders() -> list[Path]:
    """The examples that explain themselves, in their order."""
    return sorted(folder for folder in _FOLDER.iterdir() if (folder / "README.md").is_file())


def page(folder: Path) -> str:
    """What the README says, then each file."""
    parts = [(folder / "README.md").read_text(encoding="utf-8")]
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "README.md":
            text = path.read_text(encoding="utf-8")
            parts.append(
                f"## {path.relative_to(folder).as_posix()}\n\n{fence(_LANGUAGES.get(path.suffix, 'text'), text)}"
            )
    return "\n".join(parts)
