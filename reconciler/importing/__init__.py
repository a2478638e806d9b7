"""What exists at the vendors -> YAML that a person would have written, and what is told of that. Used by `run.imports`.

`draft` writes down one webhook, `keys` says what tells those of one url apart; `groups`, `lists`, `variables` and
`naming` put many together, `blocks` makes them what stands in a file, `text` the YAML of it. `looks` finds what may be
a secret, `scopes` says where to look, `trees` and `types` have the words. Nothing here reads or writes anything.
"""
