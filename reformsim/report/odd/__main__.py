"""Write the page and its figures into the folder that is named."""

import sys
from pathlib import Path

from reformsim.report.odd import write_odd

write_odd(Path(sys.argv[1]))
