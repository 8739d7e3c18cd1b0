"""Judge photos over HTTP: an API, and a page that asks it.

The page is at the address that is printed. POST /v1/images takes 1 to 16 files in a form and
answers with the rows of `dfd predict`; /openapi.json describes everything. Where the detector's
bundle has a LiteRT file and the extra "lite" is installed, no TensorFlow is needed.

The page can also judge by itself, so that a photo never leaves its device. The engine for that is
fetched once, by npm: python -m dfd_tf.serve.page.engine. --page-only writes such a page as a folder
of files for any web server, and serves nothing.

Nothing that is sent is stored, and the log has hashes in place of pictures and names. By default
only programs of this machine can ask. Before --host opens the service to others, give it a token,
a rate, and a proxy that speaks TLS.

Examples:
  dfd serve
  dfd serve --model runs/mine --port 9000
  curl --form files=@photo.jpg http://127.0.0.1:8000/v1/images
  dfd serve --page-only page
  dfd serve --host 0.0.0.0 --token-file token.txt --rate 60/minute --proxy 10.0.0.0/8
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from dfd_tf.cli.options import add_engine, add_faces, add_model
from dfd_tf.errors import UserError

TOKEN_VARIABLE = "DFD_TOKEN"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    add_model(parser)
    add_faces(parser)
    add_engine(parser)
    parser.add_argument(
        "--page-only",
        type=Path,
        metavar="DIR",
        help="write the page, which judges on its user's device, into a new folder and end",
    )
    _add_address(parser)
    _add_limits(parser)


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one; default: 8000")
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help=f"file with the token that clients must show (or the variable {TOKEN_VARIABLE})",
    )
    parser.add_argument(
        "--proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="proxy, or network of proxies, whose X-Forwarded-For is believed; repeatable",
    )
    parser.add_argument(
        "--drain",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="after SIGTERM answer for so long, while /readyz says 503 (default: 0)",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers", type=int, help="threads that judge (default: cores; 1 on Keras)"
    )
    parser.add_argument(
        "--waiting", type=int, default=8, help="requests that may wait for one (default: 8)"
    )
    parser.add_argument(
        "--timeout", type=float, default=30.0, help="seconds for an answer (default: 30)"
    )
    parser.add_argument(
        "--max-megabytes", type=float, default=64.0, help="of a request (default: 64)"
    )
    parser.add_argument(
        "--rate", metavar="RATE", help="judgements of a client, such as 60/minute (default: any)"
    )


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    if options.page_only:
        return _write_page(options)
    from dfd_tf.detectors.bundle import choose_engine
    from dfd_tf.serve.run import serve
    from dfd_tf.serve.settings import Settings, parse_proxy, parse_rate

    engine = choose_engine(options.model, options.engine)
    settings = Settings(
        model=options.model,
        engine=engine,
        faces=options.faces,
        host=options.host,
        port=options.port,
        workers=_workers(options.workers, engine),
        waiting=options.waiting,
        timeout=options.timeout,
        max_body=round(options.max_megabytes * 1e6),
        token=_token(options.token_file),
        rate=parse_rate(options.rate) if options.rate else None,
        proxies=tuple(map(parse_proxy, options.proxy)),
        drain=options.drain,
    )
    serve(settings, quiet=options.quiet)
    return 0


def _write_page(options: argparse.Namespace) -> int:
    from dfd_tf.serve.page.files import write_page

    write_page(options.page_only, options.model, options.faces)
    print(f"{options.page_only}: give this folder to a web server.")
    return 0


def _workers(wanted: int | None, engine: str) -> int:
    """Each worker has a network of its own, and Keras' takes all cores already."""
    if wanted is not None:
        return wanted
    return 1 if engine == "keras" else os.cpu_count() or 1


def _token(path: Path | None) -> str | None:
    if path is None:
        return os.environ.get(TOKEN_VARIABLE) or None
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise UserError(f"--token-file {path} cannot be read: {error}.") from None
    if not token:
        raise UserError(f"--token-file {path} is empty. Write a long random word into it.")
    return token
