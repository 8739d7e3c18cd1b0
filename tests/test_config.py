import pytest

from dfd_tf.config import load_config, parse_config
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
        ("model: {name: a}\ntrain: {epochs: 0}", "greater than 0, got 0"),
        ("model: {name: a}\naugment: {jpeg: 1.5}", "less than or equal to 1"),
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
