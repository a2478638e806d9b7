"""The rules of an audit, one a file: each a pure function with its code, a sentence and a severity.

`audit.table` lists them; nothing else knows one from another.
"""
