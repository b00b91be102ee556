"""`python -m calltransfer` is the command `calltransfer`."""

import sys

from calltransfer.cli import main

if __name__ == "__main__":
    sys.exit(main())
