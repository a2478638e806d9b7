"""What every wing may use and no user would miss: files, paths, hints, shapes of JSON. Knows no webhook."""
