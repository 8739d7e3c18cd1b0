"""The house stands as CONTRIBUTING.md draws it: imports go down, rooms stay small."""

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import dfd_tf
from dfd_tf.cli.main import VERBS

PACKAGE = Path(dfd_tf.__file__).parent
# From the front door down to the ground. Who stands higher may import who stands lower.
FLOORS = (
    ("__main__",),
    ("cli",),
    ("api",),
    ("studies", "serve", "bulk"),
    ("training", "auditing", "explaining", "exporting", "video"),
    ("evaluation",),
    ("reporting", "detectors"),
    ("config", "calibration", "faces", "models", "demo", "copies"),
    ("one_class", "pretrained", "audio"),
    ("layers", "data"),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
READS_CONFIG = {"cli", "api", "studies", "training"}
KERAS_ONLY = ("layers", "models", "one_class")
MOST_MODULES = 16


def modules() -> dict[str, Path]:
    """Every module but the front door itself, by its dotted name without `dfd_tf`."""
    paths = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]
    names = [path.relative_to(PACKAGE).with_suffix("").parts for path in paths]
    return {
        ".".join(part for part in name if part != "__init__"): path
        for name, path in zip(names, paths, strict=True)
    }


def imports(path: Path) -> Iterator[str]:
    """What a file imports, wherever in it; `dfd_tf.` is left out before our own names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.removeprefix("dfd_tf.") for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = f"{node.module}.".removeprefix("dfd_tf.")
            yield from (f"{home}{name.name}" for name in node.names)


def ours(path: Path, known: dict[str, Path]) -> set[str]:
    """The modules of the package that a file imports: `a.b.name` is `a.b` or the module itself."""
    found = set()
    for name in imports(path):
        while name and name not in known:
            name = name.rpartition(".")[0]
        found.add(name)
    return found - {""}


def floor(module: str) -> int:
    """Of its room; single files at the top of the package are the ground."""
    room = module.partition(".")[0]
    assert room in FLOOR_OF or (PACKAGE / f"{room}.py").is_file(), f"{room}: give it a floor"
    return FLOOR_OF.get(room, len(FLOORS))


def test_imports_go_down():
    known = modules()
    upward = [
        f"{module} imports {other}"
        for module, path in known.items()
        for other in ours(path, known)
        if other.partition(".")[0] != module.partition(".")[0]
        and floor(other) <= floor(module)
        and floor(other) < len(FLOORS)
    ]
    assert not upward


def test_no_modules_import_one_another():
    known = modules()
    graph = {name: ours(path, known) - {name} for name, path in known.items()}
    # A package names its own modules so that others need not.
    for name in known:
        graph[name] = {other for other in graph[name] if not f"{other}.".startswith(f"{name}.")}
    graphlib.TopologicalSorter(graph).prepare()


def test_a_configuration_is_read_where_a_run_begins():
    known = modules()
    readers = {
        module.partition(".")[0]
        for module, path in known.items()
        if any(other.partition(".")[0] == "config" for other in ours(path, known))
    }
    assert readers - {"config"} <= READS_CONFIG


def test_networks_are_keras_and_no_more():
    for room in KERAS_ONLY:
        for path in (PACKAGE / room).rglob("*.py"):
            roots = {name.partition(".")[0] for name in imports(path)}
            assert not roots & {"tensorflow", "tf", "jax", "torch"}, path


def test_rooms_stay_small():
    # A verb and an architecture are a file each, which is what one looks for.
    for folder in {path.parent for path in modules().values()} - {PACKAGE}:
        names = {path.stem for path in folder.glob("*.py")} - {"__init__"} - {*VERBS}
        if folder.name == "models":
            names -= {path for path in names if registers(folder / f"{path}.py")}
        assert len(names) <= MOST_MODULES, f"{folder}: {len(names)} modules"


def registers(path: Path) -> bool:
    return "@register(" in path.read_text(encoding="utf-8")
