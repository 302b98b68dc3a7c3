"""Write the page and its figures into the folder that is named."""

import sys
from pathlib import Path

from . import write_odd

write_odd(Path(sys.argv[1]))
