"""Words of other tools, and ours for the same: what a hand types that learned Terraform, decK or kubectl. [pure]

Asked by `cli.options` for a flag or a command that whsync does not have; as soon as it has one of that name, the line
here says nothing any more.
"""

from collections.abc import Mapping

_JSON = "`--format json` prints it as JSON"
_FILES = "name configurations with `-c FILE`, before or after the command"
_YES = "`--yes` goes ahead without a question"
_DRIFT = "`whsync drift` shows what changed at the vendors, `whsync plan` what an apply would do about it"
_VARIABLES = "`${NAME}` in the files is filled in from the environment: `NAME=value whsync plan`"
_ONE = "`--target NAME` narrows a run to one webhook"
_PRUNE = "take the webhook out of the files; an apply retires what is gone from them only when it is asked to prune"
_LET_GO = "`whsync state rm NAME` lets go of a webhook, which stays at the vendor"
_AGAIN = "`whsync rotate NAME` gives a webhook a new secret; `apply --reassert` sends again what nobody can verify"
_STRANGERS = "`whsync audit` lists every webhook that exists, managed or not"

FLAGS: Mapping[str, str] = {
    "--dry-run": "`whsync plan` shows what an apply would do, and writes nothing",
    "--doit": "`whsync plan` only shows, `whsync apply` writes",
    "--json": _JSON,
    "--json-output": _JSON,
    "-o": _JSON,
    "--output": _JSON,
    "--out": "`whsync plan --out FILE` saves a plan; " + _JSON,
    "--raw": _JSON,
    "-f": _FILES,
    "--file": _FILES,
    "--filename": _FILES,
    "--config-file": _FILES,
    "--chdir": "`-c FOLDER/webhooks.yaml` names files elsewhere; relative paths in them start at their folder",
    "-s": _FILES,
    "--state": "`--lock FILE` names another lock, `-c FILE` the configuration",
    "--state-out": "`--lock FILE` names another lock, which is read and written",
    "--input": "whsync asks only on a terminal; " + _YES,
    "--silence-confirmation": _YES,
    "--assume-yes": _YES,
    "--force": "`--max-changed N` lets one run change more, and " + _YES,
    "--env": _VARIABLES,
    "--refresh": "`whsync plan --offline` compares with the lock without asking the vendors",
    "--refresh-only": _DRIFT,
    "--destroy": _PRUNE,
    "--replace": _AGAIN,
    "--backend-config": "`lock:` in the files, or `--lock`, says where the lock is",
    "--no-colour": "`--no-color`",
    "--color": "`--no-color`, or the variables NO_COLOR and FORCE_COLOR",
    "--debug": "`-v` tells of every call, `-vv` also where an internal error arose",
    "--timeout": "`--max-wait` limits waiting for rate limits, `--lock-timeout` waiting for another run",
    "--wait": "`--max-wait` limits waiting for rate limits, `--lock-timeout` waiting for another run",
    "--select-tag": _ONE,
    "--selector": _ONE,
    "-l": _ONE,
    "--exclude": _ONE + "; repeat it for several",
    "--compact-warnings": "`-q` leaves out all but results and errors",
    "--concise": "`-q` leaves out all but results and errors",
    "--help-all": "`whsync --help`, or `whsync COMMAND --help`",
    "--detailed-exitcode": "`whsync drift` ends with 2 by itself where something differs, `whsync plan` when asked",
    "--detailed-exit-code": "`--detailed-exitcode`",
    "--exit-code": "`whsync plan --detailed-exitcode` ends with 2 where something differs",
}
"""By flag, long ones with two dashes."""

COMMANDS: Mapping[str, str] = {
    "diff": "`whsync plan` shows what an apply would do; `whsync drift` what changed at the vendors",
    "preview": "`whsync plan` shows what an apply would do",
    "status": _DRIFT,
    "refresh": _DRIFT,
    "sync": "`whsync apply` makes the vendors agree with the files",
    "up": "`whsync apply` makes the vendors agree with the files",
    "gateway": "without that word: `whsync plan`, `whsync apply`, `whsync drift`, `whsync validate`",
    "workspace": "one lock for each: `lock:` in the files, or `--lock FILE`",
    "login": "credentials come from variables: `whsync providers show TYPE` names those of a vendor",
    "logs": "`whsync state list` says when each webhook was changed last, `whsync state show NAME` by whom",
    "graph": "no webhook needs another; `whsync plan` shows the order of the calls",
    "replace": _AGAIN,
    "untaint": "nothing is ever marked so; `whsync plan` shows what an apply would do",
    "deploy": "`whsync apply` makes the vendors agree with the files",
    "create": "write the webhook into the files, then `whsync apply`",
    "edit": "change the webhook in the files, then `whsync apply`",
    "destroy": _PRUNE,
    "down": _PRUNE,
    "delete": _PRUNE,
    "reset": _PRUNE,
    "purge": _PRUNE,
    "rm": _LET_GO,
    "remove": _LET_GO,
    "forget": _LET_GO,
    "unmanage": _LET_GO,
    "output": "`whsync state show NAME --format json` has a webhook's values, `whsync state list` its id",
    "get": "`whsync state list` has every webhook of the lock, `whsync state show NAME` one",
    "describe": "`whsync state show NAME` shows one webhook of the lock",
    "list": "`whsync state list` has every webhook of the lock",
    "ls": "`whsync state list` has every webhook of the lock",
    "lint": "`whsync validate` checks the files",
    "check": "`whsync validate` checks the files",
    "test": "`whsync validate` checks the files, `whsync providers check FILE` a manifest",
    "ping": "`whsync plan` reads every vendor with its credentials, and writes nothing",
    "taint": _AGAIN,
    "rename": "`whsync state mv OLD NEW` renames in the lock; or `lifecycle: {was: [OLD]}` in the files",
    "unlock": "`whsync state unlock` removes what a dead run left of its hold",
    "force-unlock": "`whsync state unlock` removes what a dead run left of its hold",
    "help": "`whsync --help`, or `whsync COMMAND --help`",
    "dump": "`whsync import` writes down what exists at the vendors",
    "export": "`whsync import` writes down what exists at the vendors",
    "inventory": _STRANGERS,
    "scan": _STRANGERS,
    "format": "`whsync fmt` lays the files out",
}
"""By command of the outermost level."""

STATE_COMMANDS: Mapping[str, str] = {
    "delete": "`whsync state rm NAME`",
    "remove": "`whsync state rm NAME`",
    "ls": "`whsync state list`",
    "get": "`whsync state show NAME`",
    "rename": "`whsync state mv OLD NEW`",
    "force-unlock": "`whsync state unlock`",
    "replace-provider": "`whsync state mv --provider OLD NEW`",
    "history": "`whsync state log`",
    "versions": "`whsync state log`",
    "rollback": "`whsync state restore VERSION`",
    "migrate": "`whsync state move STORE`",
}
"""By command behind `state`."""


def other_word(word: str, words: Mapping[str, str]) -> str:
    """What to say for a word of another tool, whatever its case; empty where it is none."""
    return words.get(word) or words.get(word.lower(), "")
