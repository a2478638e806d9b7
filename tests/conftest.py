"""What every test shares: how hypothesis searches. Locally each run explores anew; the `ci` profile repeats itself."""

import os

from hypothesis import settings

settings.register_profile("whsync", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "whsync"))
