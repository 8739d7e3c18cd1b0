"""The page's files by their addresses, for the service and for a folder without one."""

from __future__ import annotations

import html
import shutil
from pathlib import Path

from dfd_tf.detectors.bundle import lite_file
from dfd_tf.detectors.detector import Faces
from dfd_tf.detectors.info import read_info
from dfd_tf.detectors.locate import find_bundle
from dfd_tf.errors import UserError
from dfd_tf.faces import blazeface
from dfd_tf.lite import FILE as NETWORK
from dfd_tf.serve.guard import PAGE_POLICY
from dfd_tf.serve.knowledge import describe
from dfd_tf.serve.page.engine import FILES, find_engine
from dfd_tf.serve.page.knowledge import FINDER, tell_page, why_no_device

INDEX = "index.html"
KNOWLEDGE = "v1/page/knowledge.json"
_STATIC = Path(__file__).parent / "static"
_CHARSET = '<meta charset="utf-8">'


def index() -> Path:
    """The page itself."""
    return _STATIC / INDEX


def parts() -> dict[str, Path]:
    """Style and scripts, the engine's too where it was fetched, by their addresses."""
    own = {f"page/{path.name}": path for path in _STATIC.iterdir() if path.suffix != ".html"}
    engine = find_engine()
    return own | {f"page/engine/{name}": engine / name for name in FILES if engine}


def network_file(where: str, name: str) -> Path:
    """A network that a device judges with.

    Raises:
        UserError: the bundle has none, or another than its detector.json says.
    """
    if name == FINDER:
        return Path(blazeface.__file__).with_name(blazeface.MODEL)
    return lite_file(find_bundle(where))


def write_page(out: Path, where: str, faces: Faces) -> None:
    """Write the page as a folder that any web server can host; it judges on the device only.

    The folder appears when all is written.

    Args:
        out: the folder, which must not exist.
        where: bundle folder, run folder or shipped name.
        faces: see `Detector.judgements`.

    Raises:
        UserError: `out` exists, no such detector, or a device cannot judge with it.
    """
    info = read_info(find_bundle(where))
    if obstacle := why_no_device(info):
        raise UserError(f"the page cannot be written. {obstacle}")
    if out.exists():
        raise UserError(f"{out} is there already: name another folder.")
    unfinished = out.with_name(f"{out.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    networks = {f"v1/page/{name}": network_file(where, name) for name in (NETWORK, FINDER)}
    for address, path in (parts() | networks).items():
        (unfinished / address).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, unfinished / address)
    model = describe(where, info, "lite", maps=False)
    knowledge = tell_page(model, info, faces, server=None)
    page = _with_policy(index().read_text(encoding="utf-8"))
    (unfinished / KNOWLEDGE).write_text(knowledge.model_dump_json(), encoding="utf-8")
    (unfinished / INDEX).write_text(page, encoding="utf-8")
    unfinished.rename(out)


def _with_policy(page: str) -> str:
    """Whatever the web server says: nothing from elsewhere runs, nothing is sent elsewhere."""
    policy = html.escape(PAGE_POLICY, quote=False)
    return page.replace(
        _CHARSET, f'{_CHARSET}\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    )
