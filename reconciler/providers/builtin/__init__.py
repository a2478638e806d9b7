"""The manifests that come with whsync, one YAML file a vendor; found by `registry`, checked by tests/manifests."""
