"""The command line for the tests of documents and examples: the one that the commands' own tests use."""

from tests.cli.conftest import run

__all__ = ["run"]
