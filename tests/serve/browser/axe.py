"""axe-core, which finds what keeps people from using a page: `python tests/serve/browser/axe.py`.

Deque's, MPL-2.0; it is fetched by npm into the user's cache and is no part of the package.
"""

from pathlib import Path

from dfd_tf.data.user_cache import user_cache
from dfd_tf.serve.page.engine import Package, fetch

SCRIPT = "axe.min.js"
AXE = Package(
    "axe-core@4.14.1",
    "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
    {SCRIPT: SCRIPT},
)


def folder() -> Path:
    return user_cache() / AXE.name


if __name__ == "__main__":
    fetch([AXE], folder())
    print(folder())
