"""What the lock knows of places that secrets were put into."""

from reconciler.model.secret import SecretRecord
from reconciler.state.lock import Lock, fold
from tests.state.values import AT, applied, entry


def test_what_a_sink_held_before_its_secret_was_in_doubt() -> None:
    """A doubt names the place only, so what was known of that is kept in mind, until the entry tells again."""
    known = SecretRecord("scrypt$old", None, "file:./sink", AT)
    sure = applied("a")._replace(entry=entry()._replace(secret=known))
    doubted = fold(
        Lock(), [sure, applied("a")._replace(entry=entry()._replace(secret=known._replace(fingerprint=None)))]
    )
    assert doubted.sinks == {"file:./sink": known}
    assert fold(doubted, [sure]).sinks == {}
