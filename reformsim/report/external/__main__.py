"""Write the page and its figures into the folder that is named."""

import sys
from pathlib import Path

from . import write_external

write_external(Path(sys.argv[1]))
