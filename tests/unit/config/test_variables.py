"""Variables that the files declare, what the command line and the environment say of them, and who goes first."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from reconciler.config.given import Given
from reconciler.config.load import load
from reconciler.config.loaded import Loaded
from reconciler.config.lock_place import lock_of
from reconciler.errors import ConfigError, UntrustedError, UsageError
from reconciler.support.reach import Reach
from tests.unit.config.fakes import HEAD, VENDORS, said

TEXT = HEAD + (
    "lock: locks/${env}.lock.json\n"
    "variables:\n  env: {default: staging, allowed: [staging, prod]}\n  free: {default: ''}\n  bare: {}\n"
    "webhooks:\n  a: {url: 'https://${env}.example/x${free}', scope: {org: o}}\n"
)


def told(folder: Path, *pairs: str, text: str = TEXT, files: Mapping[str, str] = {}, **variables: str) -> Loaded:
    """What the configuration says, given pairs of `--var` and variable files."""
    (folder / "main.yaml").write_text(text)
    for name, content in files.items():
        (folder / name).write_text(content)
    given = Given(pairs, tuple(str(folder / name) for name in files))
    return load([folder / "main.yaml"], variables, VENDORS, given=given)


def url(found: Loaded) -> str:
    """The one webhook's URL."""
    return found.desired[0].fields.url


def test_who_goes_first(tmp_path: Path) -> None:
    """`--var`, then variable files, the later before the earlier, then the environment, then the default."""
    files = {"a.yaml": "env: staging\nfree: a\n", "b.yaml": "free: b\n"}
    assert url(told(tmp_path)) == "https://staging.example/x"
    assert url(told(tmp_path, env="prod", free="e")) == "https://prod.example/xe"
    assert url(told(tmp_path, env="prod", free="e", files=files)) == "https://staging.example/xb"
    assert (
        url(told(tmp_path, "env=prod", "free=1", "free=v=2", env="staging", files=files)) == "https://prod.example/xv=2"
    )
    assert url(told(tmp_path, "free=", free="e")) == "https://staging.example/x"


def test_an_empty_variable_of_the_environment_says_nothing(tmp_path: Path) -> None:
    """Pipelines leave variables empty that they do not have: the default stands."""
    assert url(told(tmp_path, env="")) == "https://staging.example/x"


def test_one_file_has_many_locks(tmp_path: Path) -> None:
    """The lock follows the variable, for commands that need only the lock, too."""
    for pairs, name in (((), "staging"), (("env=prod",), "prod")):
        expected = tmp_path / "locks" / f"{name}.lock.json"
        assert told(tmp_path, *pairs).lock.file == str(expected)
        assert lock_of([tmp_path / "main.yaml"], {}, VENDORS, given=Given(pairs)).file == str(expected)
    with pytest.raises(ConfigError):
        lock_of([tmp_path / "main.yaml"], {}, VENDORS, given=Given(("env=prd",)))
    with pytest.raises(UsageError):
        lock_of([tmp_path / "main.yaml"], {}, VENDORS, given=Given(("evn=prod",)))


def test_what_is_included_may_depend_on_one(tmp_path: Path) -> None:
    """A default is known before the files are read that it chooses, and what those declare counts from then on."""
    (tmp_path / "staging.yaml").write_text(
        "variables: {more: {default: m}}\nwebhooks: {b: {url: 'https://${more}.example', scope: {org: p}}}\n"
    )
    text = TEXT + "include: ['${env}.yaml']\n"
    assert [each.name for each in told(tmp_path, text=text).desired] == ["a", "b"]
    (tmp_path / "prod.yaml").write_text("{}\n")
    assert [each.name for each in told(tmp_path, "env=prod", text=text).desired] == ["a"]


@pytest.mark.parametrize(
    ("pairs", "environment", "place", "sentence"),
    [
        (("env=prd",), {}, "main.yaml:7:27", "--var env=prd is not allowed; did you mean `prod`?"),
        (
            (),
            {"env": "hidden"},
            "main.yaml:7:27",
            "the environment's `env` is not one of the allowed values; allowed are staging, prod",
        ),
    ],
)
def test_a_value_outside_of_what_is_allowed(
    tmp_path: Path, pairs: tuple[str, ...], environment: dict[str, str], place: str, sentence: str
) -> None:
    """Is told at the declaration; what the environment has is not repeated, for it may be anything."""
    with pytest.raises(ConfigError) as raised:
        told(tmp_path, *pairs, text=TEXT, files={}, **environment)
    (problem,) = raised.value.problems
    assert f"{problem.at}".replace(f"{tmp_path}/", "") == place
    assert f"{problem.summary}; {problem.hint}" == sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("env: prd\n", "v.yaml:1:6 `env` cannot be 'prd'; allowed at main.yaml:7:3"),
        ("evn: prod\n", "v.yaml:1:1 `evn` is no variable that the files declare"),
        ("free: [a]\n", "v.yaml:1:1 `free` must be a text"),
        ("- a\n", "v.yaml:1:1 the file is not a mapping"),
        ("free: {\n", "v.yaml:1:8 a value is missing"),
    ],
)
def test_a_variable_file_is_wrong_at_a_place(tmp_path: Path, content: str, sentence: str) -> None:
    """As any other file of the configuration; what is scalar is text as written."""
    with pytest.raises(ConfigError) as raised:
        told(tmp_path, files={"v.yaml": content})
    first = raised.value.problems[0]
    assert f"{first.at} {first.summary}".replace(f"{tmp_path}/", "").startswith(sentence)
    assert url(told(tmp_path, files={"v.yaml": "free: 0123\n"})) == "https://staging.example/x0123"


def test_a_variable_file_that_is_not_there(tmp_path: Path) -> None:
    """Is an error: the environment is no substitute for what somebody typed."""
    (tmp_path / "main.yaml").write_text(TEXT)
    with pytest.raises(ConfigError, match=r"the variable file .*none.yaml cannot be read"):
        load([tmp_path / "main.yaml"], {}, VENDORS, given=Given((), (str(tmp_path / "none.yaml"),)))


@pytest.mark.parametrize(
    ("pair", "sentence", "hint"),
    [
        ("evn=prod", "--var evn: the files declare no such variable", "did you mean `env`?"),
        ("env", "--var needs a name and a value", "write --var NAME=VALUE"),
        ("=x", "--var needs a name and a value", "write --var NAME=VALUE"),
    ],
)
def test_wrong_words_on_the_command_line(tmp_path: Path, pair: str, sentence: str, hint: str) -> None:
    """Are wrong usage, as an unknown target is."""
    with pytest.raises(UsageError) as raised:
        told(tmp_path, pair)
    assert (raised.value.summary, raised.value.hint) == (sentence, hint)


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ("{env: {default: dev, allowed: [staging, prod]}}", "main.yaml:5:28 `default` is 'dev', which is not allowed"),
        ("{env: {default: '${HOME}'}}", "main.yaml:5:28 a declared default is not filled in"),
        ("{env: {defualt: a}}", "main.yaml:5:19 `defualt` is not known here; did you mean `default`?"),
        ("{env: {allowed: []}}", "main.yaml:5:19 `variables.env.allowed` must not be empty"),
        ("{env: {default: [a]}}", "main.yaml:5:19 `variables.env.default` must be a text"),
        ("{a-b: {}}", "main.yaml:5:13 `a-b` cannot be a variable; use letters, digits and _, and no digit first"),
        ("{env: 5}", "main.yaml:5:18 `variables.env` must be a mapping"),
        ("[env]", "main.yaml:5:1 `variables` must be a mapping"),
    ],
)
def test_wrong_declarations(tmp_path: Path, block: str, sentence: str) -> None:
    """Are told at their place."""
    first, *_ = said(tmp_path, HEAD + f"variables: {block}\n")
    assert first.startswith(sentence)


def test_a_variable_is_declared_once(tmp_path: Path) -> None:
    """Two files that both declare it might mean two things."""
    text = HEAD + "variables: {env: {}}\n"
    (found,) = said(tmp_path, text, b="variables: {env: {}}\nversion: 1\n")
    assert "b.yaml:1:13 `env` is written twice under `variables`; first at main.yaml:5:13" in found


def test_a_declared_variable_that_nobody_sets(tmp_path: Path) -> None:
    """Is an error where it is used, as any other; an undeclared one is filled in as before."""
    text = TEXT.replace("${free}", "${bare}")
    with pytest.raises(ConfigError, match="the variable bare is not set"):
        told(tmp_path, text=text)
    assert url(told(tmp_path, text=TEXT.replace("${free}", "${OTHER}"), OTHER="o")) == "https://staging.example/xo"


def test_what_was_typed_needs_nobodys_word(tmp_path: Path) -> None:
    """Whoever starts a checked run may say what a variable is; the environment is still not looked at."""
    (tmp_path / "main.yaml").write_text(TEXT)
    strict = Reach((), frozenset())

    def of(*pairs: str, reach: Reach = strict) -> str:
        return url(load([tmp_path / "main.yaml"], {"env": "prod"}, VENDORS, reach=reach, given=Given(pairs)))

    assert of("env=prod") == "https://prod.example/x"
    with pytest.raises(UntrustedError, match="variables that nobody trusts"):
        of()
    assert of(reach=strict._replace(defaults=True)) == "https://staging.example/x"
    assert of(reach=strict._replace(variables=frozenset({"env"}))) == "https://prod.example/x"


def test_nobody_learns_of_a_variable_by_what_it_may_be(tmp_path: Path) -> None:
    """What is allowed is held against nothing that the files may not look at."""
    text = HEAD + "variables: {HOME_KEY: {allowed: [guess]}}\n"
    (tmp_path / "main.yaml").write_text(text)
    load([tmp_path / "main.yaml"], {"HOME_KEY": "other"}, VENDORS, reach=Reach((), frozenset()))
    with pytest.raises(ConfigError):
        load([tmp_path / "main.yaml"], {"HOME_KEY": "other"}, VENDORS)


def test_a_typed_credential_goes_nowhere_either(tmp_path: Path) -> None:
    """A variable that is a credential is filled in nowhere, whoever said what it is."""
    text = TEXT.replace("  bare: {}", "  T: {}").replace("${free}", "${T}")
    with pytest.raises(ConfigError, match="the variable T is a credential of `git`"):
        told(tmp_path, "T=t0ken-t0ken", text=text)


def test_a_linked_variable_file_leads_nowhere(tmp_path: Path) -> None:
    """A change under review could bring a link; what it leads to is not read."""
    (tmp_path / "checkout").mkdir()
    (tmp_path / "secret.yaml").write_text("env: prod\n")
    (tmp_path / "checkout" / "v.yaml").symlink_to(tmp_path / "secret.yaml")
    (tmp_path / "checkout" / "main.yaml").write_text(TEXT)
    given = Given((), (str(tmp_path / "checkout" / "v.yaml"),))
    with pytest.raises(UntrustedError):
        load([tmp_path / "checkout" / "main.yaml"], {}, VENDORS, reach=Reach((), frozenset()), given=given)
