"""Hypothesis profiles: `default` while working, `ci` without chance, `soak` with many examples."""

import os
import signal

from hypothesis import HealthCheck, settings


pytest_plugins = ["ordering_core.testing.plugin", "pytester", "tests.budgets", "tests.postgres_fixture"]

# Two cores are shared by parallel workers: a slow example says nothing about the code.
BUSY_MACHINE = [HealthCheck.too_slow]

settings.register_profile("default", max_examples=50, deadline=None, suppress_health_check=BUSY_MACHINE)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("soak", settings.get_profile("default"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))

# A run in the background (nohup, some CI) ignores SIGINT, and so would every server that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
