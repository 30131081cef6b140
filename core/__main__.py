"""python -m plugrad: the command line, where the script folder is not on PATH."""

import sys

from plugrad.tools.cli import main

sys.exit(main())
