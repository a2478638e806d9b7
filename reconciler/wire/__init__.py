"""The one place that performs calls: addresses, encodings, credentials, retries, limits.

Entered through `wire.drive`.
"""
