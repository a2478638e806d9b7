"""First drafts of manifests: from a vendor's OpenAPI description, or from nothing. Used by `cli.providers`.

`source` reads a description, `description` finds the webhooks in it, `shape` looks at their properties and `pages` at
their list, `words` says
them in the manifest language, and `text` writes the file.
"""
