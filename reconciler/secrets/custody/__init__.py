"""Where each secret stands between file, sink, lock and vendor: compared before planning, kept while applying."""
