"""`python -m dfd_tf` is `dfd`."""

import sys

from dfd_tf.cli import main

if __name__ == "__main__":
    sys.exit(main())
