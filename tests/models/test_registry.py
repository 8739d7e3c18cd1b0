import pytest

from dfd_tf.errors import UserError
from dfd_tf.models import build_model, register


def test_misspelt_name_is_answered_with_the_nearest():
    with pytest.raises(UserError, match="Did you mean 'amtenet'"):
        build_model("amtennet")


def test_unknown_argument_is_named():
    with pytest.raises(UserError, match="unexpected keyword argument 'depth'"):
        build_model("amtenet", depth=3)


def test_name_cannot_be_taken_twice():
    with pytest.raises(ValueError, match="registered already"):
        register("amtenet", paper="", input_size=1, cam_layer="", parameters=0)(lambda: None)
