"""``python -m handbook.refresh``: see ``handbook/refresh/look.py``."""

import sys

from handbook.refresh.look import main

if __name__ == "__main__":
    sys.exit(main())
