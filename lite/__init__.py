"""The copy of the book that runs in the browser: JupyterLite with the chapters, the package and what it needs."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "chapters" / "_ext"))  # how chapters are read
