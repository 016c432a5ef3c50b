"""Where things are."""
import os
import pathlib

TREE = pathlib.Path(__file__).resolve().parents[3]
CACHE = TREE / '.cache'
BUILD = pathlib.Path(os.environ.get('MULLION_BUILD', TREE / 'build'))
SYNTHETIC_GUEST = BUILD / 'tests' / 'synthetic' / 'synthetic-guest'
REFERENCE = TREE / 'tests' / 'guests' / 'reference'
EXIT_SKIP = 77  # meson's word for a test that can't run here
