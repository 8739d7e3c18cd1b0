"""Door to `dfd audio` for a checkout that is not installed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dfd_tf.cli import main

if __name__ == "__main__":
    sys.exit(main(["audio", *sys.argv[1:]]))
