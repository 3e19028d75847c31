"""Hypothesis as the whole folder uses it."""

from hypothesis import settings

# The first example of a test pays for imports, so that a time limit would fail at random; and a
# folder of remembered failures would make one machine's run unlike another's.
settings.register_profile("mlmath", deadline=None, database=None)
settings.load_profile("mlmath")
