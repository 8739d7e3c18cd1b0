"""Judges the files of a list and says what it cost; run by `benchmarks.judging` for a checkout."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

from dfd_tf.detectors.bundle import load_detector


def main() -> None:
    files = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    model, faces, rounds = sys.argv[2], sys.argv[3], int(sys.argv[4])
    detector = load_detector(model, engine="lite")
    list(detector.judgements(files[:8], faces=faces))
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        rows = [row for rows in detector.judgements(files, faces=faces) for row in rows]
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        text = "\n".join(f"{row.path} {row.logit!r} {row.verdict} {row.box}" for row in rows)
        digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
        print(json.dumps({"wall": wall, "cpu": cpu, "rows": len(rows), "digest": digest}))


if __name__ == "__main__":
    main()
