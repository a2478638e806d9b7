"""URLs with secrets in them: never shown, and yet changes of them are seen and applied."""

import json

import pytest

from tests.cli.world import World, hidden_in, hook, payments

TOKEN, PASSWORD = "tok-9f8e7d6c5b", "pa$$w0rd-in-url"
SECRETIVE = f"https://user:{PASSWORD.replace('$', '$$')}@ci.acme.com/hooks?token={TOKEN}&x=1"
PLAIN = SECRETIVE.replace("$$", "$")


def everything(world: World) -> list[str | bytes]:
    """All that plan, apply, drift, state and show say and leave behind, after a first apply."""
    said = []
    for words in (
        ("plan", "-o", "saved"),
        ("show", "saved"),
        ("apply", "--yes", "-v"),
        ("plan", "--format", "json"),
        ("drift", "--format", "json"),
        ("state", "show", "ci"),
        ("state", "list"),
    ):
        result = world(*words)
        assert result.exit in (0, 2), result
        said += [result.stdout, result.stderr]
    return [*said, world.lock_path.read_bytes(), (world.folder / "saved").read_bytes()]


@pytest.mark.parametrize("scheme", ["https", "HTTPS"])
def test_hidden_everywhere(world: World, scheme: str) -> None:
    """Neither password nor token stands in any output, lock or plan; `***` with a fingerprint stands in their place."""
    world.write({"ci": hook(url=SECRETIVE.replace("https", scheme))})
    said = everything(world)
    assert world.box["github"].webhooks()[0]["config"]["url"] == PLAIN.replace("https", scheme)
    for secret in (TOKEN, PASSWORD):
        assert hidden_in(secret, *said)
    assert "***" in world.lock["ci"]["applied"]["url"]
    assert world.actions() == {"ci": "noop"}


def test_a_hidden_part_changes(world: World) -> None:
    """Another token in the URL is a difference, although both look hidden; afterwards there is none."""
    world.write({"ci": hook(url=SECRETIVE)})
    world.applied()
    world.write({"ci": hook(url=SECRETIVE.replace(TOKEN, "another-token-1"))})
    change = world.change("ci")
    assert change["action"] == "update"
    (field,) = change["fields"]
    assert field["before"] != field["after"]
    world.applied()
    assert "another-token-1" in world.box["github"].webhooks()[0]["config"]["url"]
    assert world.actions() == {"ci": "noop"}


def test_a_saved_plan_takes_it_from_the_file(world: World) -> None:
    """A saved plan with hidden parts is applied with the file's value, and refused when that value changed."""
    world.environment["HOOK_TOKEN"] = TOKEN
    world.write({"ci": hook(url="https://ci.acme.com/hooks?token=${HOOK_TOKEN}")})
    assert world("plan", "-o", "saved").exit == 0
    assert hidden_in(TOKEN, (world.folder / "saved").read_text())
    world.environment["HOOK_TOKEN"] = "changed-meanwhile"
    stale = world("apply", "saved")
    assert stale.exit == 1
    assert world.total_writes() == 0
    world.environment["HOOK_TOKEN"] = TOKEN
    assert world("apply", "saved").exit == 0
    assert world.box["github"].webhooks()[0]["config"]["url"] == f"https://ci.acme.com/hooks?token={TOKEN}"


def test_unmanaged_urls_are_hidden_too(world: World) -> None:
    """Somebody else's URL with a token is shown without it, also when a vendor quotes it back."""
    world.box["github"].add("acme/api", config={"url": f"https://old.acme.com/x?key={TOKEN}"})
    world.write({"ci": hook()}, policy={"unmanaged": "deny"})
    for words in (("plan",), ("plan", "--format", "json"), ("apply", "--yes")):
        result = world(*words)
        assert result.exit == 3
        assert hidden_in(TOKEN, result.stdout, result.stderr)


@pytest.mark.parametrize("fault", [None, "commit-empty"])
def test_where_nobody_can_look(world: World, fault: str | None) -> None:
    """At a vendor that cannot be read the lock's shown URL is compared, and a lost answer hides it as well."""
    world.write({"payments": payments(url=SECRETIVE)})
    if fault:
        world.box["cryptopocket"].fail(fault, path="/api/subscribe")
    result = world.apply("--format", "json")
    assert result.exit == bool(fault)
    left = b"".join(world.files()[name] for name in world.files() if name.startswith("webhooks.lock"))
    for secret in (TOKEN, PASSWORD):
        assert hidden_in(secret, result.stdout, result.stderr, left)
    if fault is None:
        assert world.actions() == {"payments": "noop"}
        world.write({"payments": payments(url=SECRETIVE.replace(TOKEN, "other"))})
        assert world.actions() == {"payments": "update"}


def test_error_texts_that_quote(world: World) -> None:
    """A vendor that quotes the secret URL in its error cannot make it visible."""
    world.write({"ci": hook(url=SECRETIVE, events=["push"])})
    world.box["github"].add("acme/api", events=["push"], config={"url": PLAIN, "content_type": "form"})
    result = world("plan", "--format", "json")
    assert hidden_in(TOKEN, result.stdout)
    assert json.loads(result.stdout)["changes"][0]["action"] == "adopt"
