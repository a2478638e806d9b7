"""From the user's files to everything that they say, checked and filled in: `config.load` makes a `config.loaded`.

The way there: `files` reads, `schema` gives the shape, `interpolate` fills in, `provider` makes accounts, `expand`
templates and of them webhooks; `check` holds those against their vendors and each other, `taken` against what is on
the disk; `places` says where something is wrong.
"""
