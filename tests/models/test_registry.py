import pytest

from dfd_tf.errors import UserError
from dfd_tf.models import architecture, build_model, register


def test_misspelt_name_is_answered_with_the_nearest():
    with pytest.raises(UserError, match="Did you mean 'amtenet'"):
        build_model("amtennet")


def test_unknown_argument_is_named():
    with pytest.raises(UserError, match=r"args\.droput: no such key; did you mean 'dropout'"):
        build_model("amtenet", droput=3)


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("amtenet", {"head": "gapp"}, "expected 'flatten' or 'gap' .did you mean 'gap'"),
        ("resnet18", {"stem": "foo"}, "expected 'imagenet' or 'full_resolution', got 'foo'"),
        ("amtenet", {"input_size": 0}, "input_size: expected more than 0, got 0"),
        ("amtenet", {"input_size": "128"}, "input_size: expected a whole number, got '128'"),
        ("amtenet", {"input_size": True}, "input_size: expected a whole number, got True"),
        ("amtenet", {"input_size": 4}, "cannot be built with .*zero or negative"),
        ("amtenet", {"fc_activation": "rulu"}, "cannot be built with .*rulu"),
        ("amtenet", {"dropout": 1.0}, "dropout: expected less than 1"),
        ("vanet", {"input_size": 100}, "input_size: expected a multiple of 8, got 100"),
        ("clip_vit", {"read": [13]}, "read.0: expected at most 12, got 13"),
        ("clip_vit", {"head": "avg"}, "'classifier', 'sphere' or 'typicality', got 'avg'"),
        ("oc_fakedect", {"version": 3}, "version: expected 1 or 2, got 3"),
        ("deep_svdd", {"trace": "pixel"}, "did you mean 'pixels'"),
        ("deep_svdd", {"widths": [1, 2]}, "widths.2: missing"),
        ("mobilenetv2", {"blocks": [1]}, "blocks: .*at least 7"),
    ],
)
def test_arguments_are_checked_against_the_signature(name, arguments, answer):
    with pytest.raises(UserError, match=answer):
        build_model(name, **arguments)


def test_arguments_are_completed_by_the_defaults_and_lists_become_tuples():
    complete = architecture("deep_svdd").complete({"widths": [4, 4, 4, 4]})
    assert complete["widths"] == (4, 4, 4, 4)
    assert complete["input_size"] == 128


def test_name_cannot_be_taken_twice():
    with pytest.raises(ValueError, match="registered already"):
        register("amtenet", paper="", input_size=1, cam_layer="", parameters=0)(lambda: None)
