"""`python -m callout` is `callout`."""

import sys

from callout.cli import main

if __name__ == "__main__":
    sys.exit(main())
