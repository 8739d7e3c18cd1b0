"""The extras `lite` and `serve` as a user gets them: nothing but the package index."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from .conftest import wait_for

REPOSITORY = Path(__file__).resolve().parents[2]
NO_NETWORK = re.compile(r"NewConnectionError|ConnectTimeout|name resolution|Network is unreachable")
ABSENT = ("tensorflow", "keras", "torch", "jax")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """Programs of a virtual environment with `.[lite,serve]` under the project's constraints."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    command = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--retries", "1"]
    command += ["--constraint", REPOSITORY / "constraints.txt", f"{REPOSITORY}[lite,serve]"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and NO_NETWORK.search(done.stderr):
        pytest.skip("needs the package index, which cannot be reached")
    assert done.returncode == 0, done.stderr
    return folder / "bin"


def test_serves_without_tensorflow(programs, tmp_path, encode, form):
    elsewhere = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    code = f"import importlib.util as u; print([n for n in {ABSENT!r} if u.find_spec(n)])"
    command = [programs / "python", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=elsewhere, cwd=tmp_path)
    assert done.stdout.strip() == "[]", done.stderr
    process = subprocess.Popen(
        [programs / "dfd", "serve", "--port", "0", "--faces", "whole"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=elsewhere,
        cwd=tmp_path,
    )
    try:
        address = re.search(r"http://\S+", process.stderr.readline())[0]
        wait_for(lambda: httpx.get(f"{address}/readyz").status_code == 200)
        assert "page/page.js" in httpx.get(address).text
        assert httpx.get(f"{address}/page/page.js").status_code == 200
        (row,) = httpx.post(f"{address}/v1/images", files=form(a=encode())).json()["rows"]
        assert row["verdict"] in ("real", "fake", "inconclusive")
        refused = httpx.post(f"{address}/v1/images?explain=1", files=form(a=encode()))
        assert refused.json()["type"] == "urn:dfd:problem:no-maps"
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0
