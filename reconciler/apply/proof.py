"""Holds what was read back against what a change asked for, and closes the change. Used by `apply.change`."""

from reconciler.apply.recorder import ChangeRecorder
from reconciler.apply.sight import Sight
from reconciler.codes import Code
from reconciler.errors import WhsyncError
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import diff, visible
from reconciler.model.equality import same
from reconciler.model.webhook import STATUS, Desired, Remote


def judge(sight: Sight, recorder: ChangeRecorder, desired: Desired | None, capabilities: Capabilities) -> None:
    """Close a change whose calls were all answered, by what its place shows now.

    Args:
        recorder: knows what was asked for and what no answer has shown.
        desired: the webhook of the file; None for one that was to go.
    """
    asked = recorder.leavers.asked
    there = [each for each in asked if each in sight.found and not _is_off(sight.found[each], capabilities)]
    gone = [each for each in asked if each not in there and (each in sight.found or sight.lacks(each))]
    recorder.left(gone, there)
    unread = _unread(sight) if len(gone) + len(there) < len(asked) else ""
    if desired is not None and recorder.wants_proof:
        _prove(sight, recorder, desired, capabilities)
    elif desired is not None or there or unread:
        recorder.close(unread)
    else:
        recorder.retired()


def _prove(sight: Sight, recorder: ChangeRecorder, desired: Desired, capabilities: Capabilities) -> None:
    """Hold the webhook itself against what the file wants: all of it, for a write may move what it did not send."""
    remote_id = recorder.entry.remote_id or "" if recorder.entry else ""
    remote = sight.found.get(remote_id)
    if remote is not None:
        wanted = visible(desired.fields, remote.fields, capabilities)
        recorder.proven(remote, diff(wanted, remote.fields, None, capabilities))
    elif sight.lacks(remote_id):
        summary = "the vendor answered success, and reading does not show the webhook"
        hint = "wait until the vendor shows it, then apply again: what is still missing is made anew"
        error = WhsyncError(summary, hint, kind="not_converged", code=Code.NOT_CONVERGED)
        recorder.close(trouble=recorder.problem(error))
    else:
        recorder.close(_unread(sight))


def _is_off(remote: Remote, capabilities: Capabilities) -> bool:
    """Whether what was to go is switched off, at a vendor that cannot delete; no status at all says nothing."""
    status = remote.fields.get(STATUS, capabilities.switched_off)
    return capabilities.retire == "deactivate" and same(STATUS, status, capabilities.switched_off, capabilities)


def _unread(sight: Sight) -> str:
    """What is told where the read back proved nothing: the vendor's word stands until the next plan."""
    return f"could not be read back: {sight.why}; the next plan shows whether all of it took effect"
