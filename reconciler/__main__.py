"""`python -m reconciler`: the same as the command `whsync`."""

from reconciler.cli.main import run

if __name__ == "__main__":
    run()
