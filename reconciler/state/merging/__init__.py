"""Two locks that were one: merged webhook by webhook, or what of them conflicts. [pure] Used by `cli.state_merge`."""
