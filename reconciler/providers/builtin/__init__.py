"""The manifests that come with whsync, one YAML file a vendor. The registry finds them; tests/manifests checks them."""
