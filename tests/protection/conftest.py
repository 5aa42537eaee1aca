"""The tests of this room share their worlds: ``protection_worlds`` beside this file."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
