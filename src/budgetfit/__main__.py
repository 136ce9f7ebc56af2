"""``python -m budgetfit`` is ``budgetfit``."""

from __future__ import annotations

import sys

from budgetfit.cli import main

if __name__ == "__main__":
    sys.exit(main())
