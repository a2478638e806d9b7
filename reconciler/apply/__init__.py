"""Applying a plan: `scheduler` runs lanes and folds events, `change` does one change, `recover` finds what was lost.

Nothing is imported here, so that whoever needs a pure module of this wing gets no threads with it.
"""
