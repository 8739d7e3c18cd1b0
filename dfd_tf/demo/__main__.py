"""Render pictures to try things on, and print their folder: `python -m dfd_tf.demo FOLDER`.

Other pictures than those that `dfd train` takes without --data, and that the shipped detector
"demo" was trained on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dfd_tf.demo import demo_dataset


def main() -> None:
    """Render as many as are asked for."""
    parser = argparse.ArgumentParser(prog="python -m dfd_tf.demo", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to render them")
    parser.add_argument("--pictures", type=int, default=12, help="how many (default: 12)")
    parser.add_argument("--seed", type=int, default=1, help="another gives others (default: 1)")
    options = parser.parse_args()
    sizes = {"n_train": 0, "n_valid": 0, "n_test": options.pictures}
    print(demo_dataset(options.folder, **sizes, seed=options.seed))


if __name__ == "__main__":
    main()
