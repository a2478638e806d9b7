"""What exists at the vendors -> YAML that a person would have written, and what is told of that. Used by `run.imports`.

`draft` writes down one webhook, `naming` and `blocks` put many together, `text` makes YAML of them, `looks` finds what
may be a secret, `scopes` says where to look, `types` has the words. Nothing here reads or writes anything.
"""
