"""Which credentials a provider entry has, and by which way they prove who we are. Used by `run.runtime`."""

from collections.abc import Iterator, Mapping

from reconciler.codes import Code
from reconciler.config.loaded import Loaded
from reconciler.config.provider import ProviderConfig
from reconciler.config.webhook import hidden_references
from reconciler.errors import VendorError
from reconciler.model.further import specs_of
from reconciler.model.secret import SecretRef
from reconciler.providers.vendor import Scheme
from reconciler.secrets.scheme import is_public


def choose_scheme(config: ProviderConfig, environment: Mapping[str, str]) -> tuple[Scheme | None, dict[str, SecretRef]]:
    """The first way to authenticate whose credentials are all given, and their references.

    Where `auth` is left out, the manifest's usual variables are used as far as they are set.

    Raises:
        VendorError: (kind auth) no way is complete; names what is missing.
    """
    schemes, variables = config.vendor.schemes, config.vendor.variables
    given = given_references(config, environment)
    for scheme in schemes:
        if all(name in given for name in scheme.needs):
            return scheme, {name: given[name] for name in scheme.needs}
    if not schemes:
        return None, {}
    ways = " or ".join(" + ".join(_credential(name, variables) for name in scheme.needs) for scheme in schemes)
    raise VendorError(
        f"{config.name} has no credentials",
        f"give {ways} under providers.{config.name}.auth",
        kind="auth",
        code=Code.CREDENTIALS_MISSING,
    )


def given_references(config: ProviderConfig, environment: Mapping[str, str]) -> dict[str, SecretRef]:
    """The credentials of a provider entry by name: those it lists, else the manifest's usual variables that are set."""
    return dict(config.auth) or {
        name: SecretRef("env", variable)
        for name, variable in config.vendor.variables.items()
        if environment.get(variable)
    }


def used_references(config: ProviderConfig, environment: Mapping[str, str]) -> tuple[SecretRef, ...]:
    """The references that a provider entry is asked with; none where no way is complete, which is told when it is."""
    try:
        return tuple(choose_scheme(config, environment)[1].values())
    except VendorError:
        return ()


def _credential(name: str, variables: Mapping[str, str]) -> str:
    return f"{name} (or set {variables[name]})" if name in variables else name


def references_of(loaded: Loaded, environment: Mapping[str, str]) -> Iterator[SecretRef]:
    """Every reference of the files behind which a secret is, or was before this run; not who somebody is."""
    for config in loaded.providers.values():
        yield from (ref for name, ref in given_references(config, environment).items() if not is_public(name))
    for webhook in loaded.desired:
        for spec in specs_of(webhook).values():
            yield from filter(None, (spec.source, spec.sink))
        yield from hidden_references(webhook)
