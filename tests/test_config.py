import re

import pytest

from dfd_tf.config import load_config, parse_config, strict_yaml
from dfd_tf.errors import UserError


@pytest.fixture
def write(tmp_path):
    def to_file(text):
        path = tmp_path / "run.yaml"
        path.write_text(text)
        return path

    return to_file


def test_written_back_whole_it_reads_the_same(write):
    config = load_config(write("model: {name: amtenet, args: {cbam: true}}\nseed: 3"))
    assert load_config(write(config.to_yaml())) == config
    assert "learning_rate" in config.to_yaml()


def test_overrides_win_and_keep_their_types(write):
    overrides = ["train.epochs=2", "model.args.cbam=true", "data.fold=[0, 5]", "seed=9"]
    config = load_config(write("model: {name: amtenet}\ntrain: {epochs: 50}"), overrides)
    assert config.train.epochs == 2
    assert config.model.args == {"cbam": True}
    assert config.data.fold == (0, 5)
    assert config.seed == 9


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("model: {name: a}\ntrain: {epoch: 3}", "did you mean 'train.epochs'"),
        ("modle: {name: a}", "did you mean 'model'"),
        ("model: {name: a}\ntrain: {epochs: many}", "train.epochs: .* got 'many'"),
        ("model: {name: a}\ntrain: {epochs: 0}", "more than 0, got 0"),
        ("model: {name: a}\naugment: {jpeg: 1.5}", "at most 1"),
        ("model: {name: a}\ndata: {balance: all}", "data.balance"),
        ("- a", "must hold keys and values"),
        ("a: [", "cannot be read as YAML"),
    ],
)
def test_mistakes_are_named_with_the_way_out(write, text, answer):
    with pytest.raises(UserError, match=answer):
        load_config(write(text))


@pytest.mark.parametrize("override", ["train.epochs", "=3", "seed.a=1", "train.epochs=["])
def test_malformed_overrides_are_refused(write, override):
    with pytest.raises(UserError, match="--set"):
        load_config(write("model: {name: a}\nseed: 1"), [override])


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("model: {name: a}\ntrain: {epochs: 3}\ntrain: {ema: 0}", "'train' is given twice"),
        ("model: {name: a}\nseed: 010", "010 begins with 0: write 10"),
        ("model: {name: a}\ntrain: {epochs: yes}", "train.epochs: expected a whole number"),
        ("model: {name: a}\none_class: {soft: yes}", "one_class.soft: expected true or false"),
        ("model: {name: a}\ntrain: {epochs: true}", "expected a whole number, got True"),
        ("model: {name: a}\nseed: 4294967296", "seed: expected less than 4294967296"),
        ("model: {name: a}\ntrain: {learning_rate: .nan}", "expected a finite number"),
        ("model: {name: a}\ndata: {train_limit: 7}", "train_limit: expected a multiple of 2"),
        ("model: {name: a}\npreprocess: {policy: corp}", "did you mean 'crop'"),
        ("model: {name: a}\ntrain: [a]", "train: "),
    ],
)
def test_what_yaml_takes_in_silence_is_refused(write, text, answer):
    with pytest.raises(UserError, match=answer):
        load_config(write(text))


def test_numbers_are_those_that_they_look_like(write):
    config = load_config(
        write("model: {name: a}\ntrain: {learning_rate: 1e-3, ema: 0, clip_norm: ~}")
    )
    assert config.train.learning_rate == 0.001
    assert config.train.clip_norm is None


@pytest.mark.parametrize("text", ["010", "1e5", "yes", "null", "", "1:30", "a: b", "~"])
def test_text_that_looks_like_something_else_stays_text(text):
    assert strict_yaml.load(strict_yaml.dump({"a": text})) == {"a": text}


def test_a_change_is_checked_like_a_file():
    config = parse_config({"model": {"name": "a", "args": {"cbam": True}}})
    changed = config.replace(
        {"train.epochs": 2, "model.args.size": 8, "data.paths": ("x",), "one_class.soft": True}
    )
    assert (changed.train.epochs, changed.data.paths) == (2, ("x",))
    assert changed.model.args == {"cbam": True, "size": 8}
    assert changed.one_class.soft
    assert config.train.epochs == 20
    with pytest.raises(UserError, match=r"did you mean 'train\.epochs'"):
        config.replace({"train.epoch": 2})
    with pytest.raises(UserError, match="images_per_epoch: expected more than 0, got 0"):
        config.replace({"train.images_per_epoch": 0})


def test_nothing_changes_a_model_unchecked(request):
    sources = (request.config.rootpath / "dfd_tf").rglob("*.py")
    words = re.compile(r"\bmodel_(copy|construct)\b")
    assert not [str(path) for path in sources if words.search(path.read_text("utf-8"))]


def test_missing_file_points_to_the_shipped_ones(tmp_path):
    with pytest.raises(UserError, match=r"configs/amtenet\.yaml"):
        load_config(tmp_path / "none.yaml")


def test_shipped_recipes_are_valid(request):
    recipes = sorted((request.config.rootpath / "configs").glob("*.yaml"))
    assert recipes
    for recipe in recipes:
        load_config(recipe)


def test_several_mistakes_are_told_at_once():
    with pytest.raises(UserError) as caught:
        parse_config({"model": {"name": "a"}, "sed": 1, "train": {"epoch": 1}})
    assert str(caught.value).count("no such key") == 2


def test_shares_of_pseudo_fakes_must_leave_room():
    shares = {"self_blended": 0.8, "resampled": 0.3}
    with pytest.raises(UserError, match=r"sum to 1\.1, at most 1"):
        parse_config({"model": {"name": "x"}, "data": {"pseudo_fakes": shares}})
