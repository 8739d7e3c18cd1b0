"""Write a dataset folder anew: as TFRecord, as files that are all alike, or its faces cut out.

The folder may have any layout that train knows.

TFRecord is written with tensorflow-datasets, for reading it anywhere. The files are kept byte for
byte, so a detector sees the same pixels as from the folder. The last line printed is what to give
to --data.

--faces cuts the largest face out of every photo, as --model's training images show faces, for
training on them or for a server that looks for none. Folders and names stay; faces.csv says where
each is from, and which photos have none (the exit code is then 1).

--harmonise mends what audit finds: real and fake images are re-encoded with one codec, one table
and without metadata, images of several sizes are cut square and brought to one side with one
filter, and copies across splits are left out and listed in dropped.csv. Folders and names stay.

--through makes pairs to train on: each real photo and its own copy, passed through the last stage
of a generator and made alike in size, low frequencies and JPEG tables, so that only the generator's
traces tell the two apart. The result is the table pairs.csv in --out. Go on with an interrupted
call by repeating it. --through resize makes the control, which shows how much of a gain comes of
no generator at all.

--speech-fakes makes fakes of a folder of real speech, to train detectors of sound on: with each
speech engine that is installed, and copies and splices of the recordings themselves. Real speech
and fakes are made alike in length, silence, bandwidth, noise, level and format. The result is the
table table.csv in --out. Go on with an interrupted call by repeating it.

Examples:
  dfd prepare --faces --data holiday_photos --out faces
  dfd prepare --data 140k --out tensorflow_datasets
  dfd train --config amtenet --data tfds:real_fake_faces/140k@tensorflow_datasets
  dfd prepare --harmonise --data my_faces --out my_faces_alike
  dfd prepare --through taef2:weights --data 140k --out 140k_pairs
  dfd train --config clip_vit --data 140k --data 140k_pairs/pairs.csv
  dfd prepare --speech-fakes --data recordings --out speech_fakes --engines flite,world
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dfd_tf.backend import start_tensorflow
from dfd_tf.cli.options import add_choices, add_model
from dfd_tf.errors import UserError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("--data", required=True, help="dataset folder")
    add_choices(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--faces", action="store_true", help="cut the faces out of photos")
    add_model(parser, "whose framing of faces --faces keeps")
    parser.add_argument("--harmonise", action="store_true", help="re-encode both classes alike")
    parser.add_argument("--quality", type=int, help="with --harmonise: of the JPEG (default: 90)")
    parser.add_argument("--side", type=int, help="with --harmonise: side of all images in pixels")
    parser.add_argument(
        "--through",
        metavar="NETWORK",
        help="make pairs with taef2:FOLDER (its two .pth files), keras:FILE.keras, or resize",
    )
    parser.add_argument(
        "--speech-fakes", action="store_true", help="make fakes of recordings of real speech"
    )
    parser.add_argument(
        "--engines",
        metavar="A,B",
        help="with --speech-fakes: what makes them (default: all that are installed)",
    )
    parser.add_argument(
        "--sentences",
        metavar="CSV",
        help="with --speech-fakes: what they say, as a column text, and ipa where you know it",
    )
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help="with --through: N photos of each split; with --speech-fakes: N recordings a person",
    )


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    if options.faces + options.harmonise + bool(options.through) + options.speech_fakes > 1:
        raise UserError(
            "--faces, --harmonise, --through and --speech-fakes are steps of their own: cut first, "
            "then harmonise the cuts, then make pairs of them; speech has no faces"
        )
    limited = options.through or options.speech_fakes
    if options.limit is not None and (not limited or options.limit < 1):
        raise UserError("--limit is a number from 1 on and belongs to --through or --speech-fakes")
    if not options.speech_fakes and (options.engines or options.sentences):
        raise UserError("--engines and --sentences belong to --speech-fakes: add it")
    if options.speech_fakes:
        return _fake_speech(options)
    if options.through:
        return _make_pairs(options)
    if options.faces:
        return _cut_faces(options)
    if options.harmonise:
        return _harmonise(options)
    if options.quality is not None or options.side is not None:
        raise UserError("--quality and --side belong to --harmonise: add it, or leave them out")
    start_tensorflow()  # without it tensorflow-datasets imports, but is empty
    import tensorflow_datasets as tfds

    from dfd_tf.data.sets.builders import build_faces

    if options.quiet:
        tfds.disable_progress_bar()
    print(build_faces(options.data, options.out))
    return 0


def _cut_faces(options: argparse.Namespace) -> int:
    from dfd_tf.detectors.info import read_info
    from dfd_tf.detectors.locate import find_bundle
    from dfd_tf.faces.cut_files import cut_files

    framing = read_info(find_bundle(options.model)).framing
    if framing is None:
        raise UserError(
            f"{options.model} does not know how its training images showed faces: name another "
            "detector with --model"
        )
    done = cut_files(Path(options.data[0]), options.out, framing, progress=not options.quiet)
    n = len(done.cuts) - len(done.left_out)
    print(f"{n} faces in {options.out}")
    for cut in done.left_out:
        print(f"left out: {cut.photo}: {cut.reason}")
    return int(bool(done.left_out))


def _make_pairs(options: argparse.Namespace) -> int:
    start_tensorflow()
    from dfd_tf.copies.write import TABLE, write_pairs

    done = write_pairs(
        options.data,
        options.out,
        options.through,
        limit=options.limit,
        progress=not options.quiet,
    )
    for path, reason in done.left_out:
        print(f"left out: {path}: {reason}")
    print(f"{len(done.pairs)} pairs. Train on them: --data {options.out / TABLE}")
    return int(bool(done.left_out))


def _fake_speech(options: argparse.Namespace) -> int:
    from dfd_tf.audio.fakes.write import TABLE, write_fakes

    done = write_fakes(
        options.data[0],
        options.out,
        engines=options.engines.split(",") if options.engines else (),
        sentences=options.sentences,
        limit=options.limit,
        progress=not options.quiet,
    )
    for file, reason in done.left_out:
        print(f"left out: {file}: {reason}")
    for engine, command in done.absent.items():
        print(f"not installed: {engine}: {command}")
    print(", ".join(f"{n} {folder}" for folder, n in done.n.items()))
    print(f"Train on them: --data {options.out / TABLE}")
    return int(bool(done.left_out))


def _harmonise(options: argparse.Namespace) -> int:
    from dfd_tf.auditing.harmonise import QUALITY, harmonise

    quality = QUALITY if options.quality is None else options.quality
    if not 1 <= quality <= 100:
        raise UserError(f"--quality is {quality}: expected 1 to 100")
    if options.side is not None and options.side < 32:
        raise UserError(f"--side is {options.side}: expected at least 32 pixels")
    done = harmonise(
        options.data,
        options.out,
        quality=quality,
        side=options.side,
        progress=not options.quiet,
    )
    print(f"{done.n} images of {done.width}x{done.height} pixels in {options.out}")
    for file, reason, kept in done.dropped.to_numpy():
        print(f"left out: {file}: {reason}" + (f", kept: {kept}" if kept else ""))
    for row in done.damaged.itertuples():
        print(f"cannot be read: {row.path}: {row.reason}")
    print(f"Audit the result: dfd audit --data {options.out} --out audit")
    return int(len(done.damaged) > 0)
