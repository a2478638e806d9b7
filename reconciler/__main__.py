"""`python -m reconciler`: the same as the command `whsync`."""

from whsync_start import run

if __name__ == "__main__":
    run()
