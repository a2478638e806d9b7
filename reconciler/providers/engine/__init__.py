"""From a manifest to a provider: requests built, answers read, by the words of the language."""
