"""Many tenants on one machine: what `fleet.yaml` says, each run as a whsync of its own, and what is known of all.

In the middle are values and arithmetic: the file (`schema`), what a tenant's process is given (`surroundings`), what a
document says (`documents`), what is due and how all stand (`standing`), and how that is written (`records`, `metrics`,
`page`). At the edges are the file and its globs (`load`), processes (`children`), and what is kept (`results`); `sweep`
joins them. Another way to hand out the work needs another `sweep`; what a tenant's job is and what it gives stays.
"""
