"""The command line: one file a command, `main` for the group and exit codes, `context` for what all commands share."""
