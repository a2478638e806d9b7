"""`whsync providers`: what is known of each vendor."""

import json
from pathlib import Path

import pytest

import reconciler.providers.builtin as builtin
from reconciler.cli.vendor_words import sentences
from reconciler.providers.registry import Registry
from tests.cli.conftest import Run
from tests.unit.providers.test_draft import description

FOLDER = Path(builtin.__file__).parent
BUILTIN = sorted(file.stem for file in FOLDER.glob("*.yaml"))


def test_the_list_names_every_manifest(run: Run) -> None:
    """One line a vendor: its name, how it authenticates, and what it can do."""
    lines = run("providers", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == BUILTIN
    first = next(line for line in lines if line.startswith("cryptopocket"))
    assert "api_key + api_secret" in first
    assert "cannot be read" in first


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        (["git"], ["gitea", "github", "gitlab", "gitlab-group", "gitlab-system"]),
        (["GIT", "group"], ["gitlab-group"]),
        (["git", "--can", "discover", "--can", "switch-off"], ["gitea", "github"]),
        (["--known", "server"], ["label-studio", "mlflow"]),
        (["--known", "server", "--can", "own-secret"], ["mlflow"]),
        (["no-such-vendor"], []),
    ],
)
def test_the_list_can_be_narrowed(run: Run, words: list[str], listed: list[str]) -> None:
    """By words of names, by what an API can do, by how that is known; as JSON alike."""
    result = run("providers", "list", *words)
    assert [line.split()[0] for line in result.stdout.splitlines()] == listed
    assert [each["type"] for each in json.loads(run("providers", "list", *words, "--format", "json").stdout)] == listed
    assert bool(result.stderr) == (not listed)


@pytest.mark.parametrize("name", BUILTIN)
def test_a_vendor_is_explained_in_sentences(name: str) -> None:
    """Whatever the manifest says: where webhooks hang, what is managed, the secret, and how that is known."""
    told = list(sentences(Registry().vendor(name, {}, ".")))
    assert all(each[0].isalpha() and each.endswith(".") for each in told), told
    assert ": a webhook hangs on " in told[0]
    assert sum(each.startswith("The secret: ") for each in told) == 1
    assert told[-1].startswith("All this is ")


def test_the_sentences_come_first(run: Run) -> None:
    """A newcomer reads them before the words of the manifest."""
    told, _, rest = run("providers", "show", "square").stdout.partition("\n\n")
    assert told.splitlines()[0] == "Square: a webhook hangs on the account."
    assert "Which events there are, a plan asks the vendor." in told
    assert rest.startswith("type ")


@pytest.mark.parametrize("name", BUILTIN)
def test_a_manifest_is_shown_with_its_sources(run: Run, name: str) -> None:
    """`show` tells where the knowledge comes from, what is missing and what nobody knows; JSON tells the same."""
    text, document = run("providers", "show", name), run("providers", "show", name, "--format", "json")
    assert (text.exit, document.exit) == (0, 0)
    shown = json.loads(document.stdout)
    assert shown["type"] == name
    assert shown["sources"]
    assert shown["unknown"]
    for words in (*shown["sources"], *shown["missing"].values()):
        assert words in text.stdout


def test_settings_are_shown_as_the_file_wants_them(run: Run) -> None:
    """Defaults and choices can be copied into `settings`: `true`, not `yes`; an empty text is seen."""
    told = run("providers", "show", "coinbase-payments").stdout
    assert "list: default: false, choices: false, true, about:" in told
    assert 'audience: default: "", about:' in told


def test_the_values_that_a_field_may_have_are_shown(run: Run) -> None:
    """Who writes `options` finds what the vendor takes there."""
    assert "options/content_type: json, form" in run("providers", "show", "github").stdout


def test_values_that_are_a_risk_are_shown(run: Run) -> None:
    """Who writes `options` finds of which values an audit would tell."""
    assert "options/insecure_ssl: 1, so the vendor does not check" in run("providers", "show", "github").stdout


def test_an_unknown_manifest_gets_a_suggestion(run: Run) -> None:
    """A misspelt name is an error that names the nearest."""
    result = run("providers", "show", "githb")
    assert result.exit == 1
    assert "did you mean `github`?" in result.stderr


@pytest.mark.parametrize("name", BUILTIN)
def test_built_in_manifests_are_sound(run: Run, name: str) -> None:
    """`check` finds nothing wrong with what whsync comes with."""
    result = run("providers", "check", str(FOLDER / f"{name}.yaml"))
    assert (result.exit, result.stderr) == (0, "")


def test_a_wrong_manifest_is_told_with_its_place(run: Run, tmp_path: Path) -> None:
    """A word that the language does not have is found at its line, as text and as JSON, and ends with 1."""
    text = (FOLDER / "github.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(text + "nonsense: 1\n", encoding="utf-8")
    line = len(text.splitlines()) + 1
    result = run("providers", "check", "mine.yaml")
    assert result.exit == 1
    assert f"mine.yaml:{line}:1: " in result.stderr
    told = json.loads(run("providers", "check", "mine.yaml", "--format", "json").stdout)
    assert [(problem["file"], problem["line"]) for problem in told] == [("mine.yaml", line)]


def test_an_example_that_is_not_true_is_found(run: Run, tmp_path: Path) -> None:
    """A manifest whose examples disagree with it is not sound."""
    text = (FOLDER / "github.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(
        text.replace("url: {read: config.url", "url: {read: config.uri"), encoding="utf-8"
    )
    result = run("providers", "check", "mine.yaml")
    assert result.exit == 1
    line = next(at for at, line in enumerate(text.splitlines(), 1) if 'id: "12345678"' in line)
    assert f"mine.yaml:{line + 3}:" not in result.stderr  # another field of the same example is as it says
    assert "examples.0.means.fields./url: a hook of a repository, as the list shows it: /url: " in result.stderr
    assert 'the manifest gives none, and the example says "https://example.com/webhook"' in result.stderr


def test_a_missing_file_is_an_error(run: Run) -> None:
    """A manifest that is not there ends with 1 and is named."""
    result = run("providers", "check", "nowhere.yaml")
    assert result.exit == 1
    assert "nowhere.yaml" in result.stderr


def test_a_new_manifest_is_sound_and_replaces_nothing(run: Run, tmp_path: Path) -> None:
    """From nothing, or from a description; a file that is there stays as it is."""
    described = tmp_path / "openapi.json"
    described.write_text(json.dumps(description()))
    out = tmp_path / "vendors" / "parcelbox.yaml"
    made = run("providers", "new", "parcelbox", "--from", str(described), "--out", str(out))
    assert (made.exit, made.stdout) == (0, "")
    assert f"whsync providers check {out}" in made.stderr
    assert run("providers", "check", str(out)).exit == 0
    kept = out.read_text()
    again = run("providers", "new", "other", "--out", str(out))
    assert again.exit == 64
    assert "there already" in again.stderr
    assert out.read_text() == kept
    printed = run("providers", "new", "acme")
    assert printed.stdout.startswith("# yaml-language-server")


@pytest.mark.parametrize(
    ("words", "exit", "told"),
    [
        (("Acme!",), 64, "no name of a manifest"),
        (("acme", "--path", "/hooks"), 64, "--from"),
        (("acme", "--from", "nowhere.json"), 1, "cannot be read"),
        (("acme", "--from", "broken.json"), 1, "not JSON"),
        (("acme", "--from", "other.yaml"), 1, "no OpenAPI 3 description"),
    ],
)
def test_a_new_manifest_from_wrong_input(
    run: Run, tmp_path: Path, words: tuple[str, ...], exit: int, told: str
) -> None:
    """Each with what would be right."""
    (tmp_path / "broken.json").write_text('{"openapi": ')
    (tmp_path / "other.yaml").write_text("swagger: '2.0'\n")
    there = {"broken.json", "other.yaml"}
    result = run("providers", "new", *(str(tmp_path / word) if word in there else word for word in words))
    assert result.exit == exit
    assert told in result.stderr
