"""How a batch is dealt to processes that train together."""

import pytest

from dfd_tf.errors import UserError
from dfd_tf.training.processes.group import ALONE, Group


@pytest.mark.parametrize(("processes", "parts"), [(1, [(0, 8)]), (2, [(0, 4), (4, 8)])])
def test_each_shows_its_part_of_a_batch(processes, parts):
    for number, (first, last) in enumerate(parts):
        assert Group(processes, number, "here:1").part(8) == slice(first, last)
    assert ALONE.alone and ALONE.leads


def test_a_batch_that_cannot_be_dealt_is_refused():
    with pytest.raises(UserError, match="batch_size 8 cannot be dealt to 3 processes"):
        Group(3, 0, "here:1").part(8)
    with pytest.raises(UserError, match="expected a number from 0 to 1"):
        Group(2, 2, "here:1")
