import pytest

from dfd_tf.config import parse_config
from dfd_tf.errors import UserError
from dfd_tf.reporter import SILENT
from dfd_tf.training.dataset import gather
from dfd_tf.training.run import train
from dfd_tf.training.run_folder import begin, check_folder, gone_if_it_fails_at_once

NAMES = [
    f"{split}/{label}/{i}.jpg"
    for split in ("train", "valid", "test")
    for label in ("real", "fake")
    for i in range(4)
]


@pytest.fixture
def faces(tmp_path, write_tree):
    return write_tree(tmp_path / "faces", NAMES)


def config(data, **changes):
    tree = {"model": {"name": "meso4", "args": {"input_size": 32}}, "data": {"paths": [str(data)]}}
    return parse_config(tree).replace({"train.batch_size": 8} | changes)


def test_a_folder_written_otherwise_is_the_same_run(faces, tmp_path, monkeypatch):
    run, first = tmp_path / "run", config(faces)
    begin(run, first, gather(first, SILENT), {})
    monkeypatch.chdir(tmp_path)
    for other in ("faces", "./faces", "run/../faces/"):
        check_folder(run, config(other), resume=True)
    with pytest.raises(UserError, match="another configuration"):
        check_folder(run, config("faces", **{"seed": 3}), resume=True)


def test_nothing_to_resume_is_said_with_the_runs_beside(faces, tmp_path):
    first = config(faces)
    begin(tmp_path / "mine", first, gather(first, SILENT), {})
    with pytest.raises(UserError, match=r"no run to resume in .*mien; runs beside it: mine"):
        train(first, tmp_path / "mien", resume=True, reporter=SILENT)
    assert not (tmp_path / "mien").exists()


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"model.args.input_size": 0}, "input_size: expected more than 0"),
        ({"model.args.input_size": 5, "model.args.dropout": 0.2, "model.name": "sffn"}, "built"),
        ({"data.paths": ["nowhere"]}, "nowhere"),
        ({"train.init": "nowhere"}, "No detector at 'nowhere'"),
        ({"train.batch_size": 64}, "does not fill one batch"),
        ({"data.fake_share": 0.999}, "fake_share"),
        ({"train.learning_rate": 1e30, "train.clip_norm": None}, "diverged in epoch 1"),
    ],
)
def test_a_start_that_fails_leaves_nothing_behind(faces, tmp_path, changes, answer):
    out = tmp_path / "run"
    with pytest.raises(UserError, match=answer):
        train(config(faces, **changes), out, reporter=SILENT)
    assert not out.exists()


def test_what_lay_in_the_folder_before_stays_and_so_does_a_finished_epoch(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError), gone_if_it_fails_at_once(tmp_path):
        (tmp_path / "config.yaml").write_text("")
        (tmp_path / "checkpoints").mkdir()
        raise UserError
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(UserError), gone_if_it_fails_at_once(tmp_path):
        (tmp_path / "config.yaml").write_text("")
        (tmp_path / "history.csv").write_text("")
        raise UserError
    assert (tmp_path / "config.yaml").exists()
