from dfd_tf.training.card import _results

INTERVAL = {"value": 0.5, "low": 0.4, "high": 0.6}
NAMES = ("auc", "accuracy", "fpr_at_threshold", "ece")


def measured(n):
    return {"n": n, "bootstrap": {"unit": "image"}} | dict.fromkeys(NAMES, INTERVAL)


def test_a_source_called_all_does_not_take_the_place_of_all_sources():
    text = _results("test", measured(300) | {"per_source": {"all": measured(100)}})
    rows = [line.split(" | ")[:2] for line in text.splitlines() if line.startswith("| all")]
    assert rows == [["| all", "300"], ["| all", "100"]]


def test_few_photos_are_named_where_intervals_are_missing():
    alone = {"value": 1.0, "low": None, "high": None}
    few = measured(4) | dict.fromkeys(NAMES, alone) | {"per_source": {}}
    text = _results("test", few)
    assert "1.000 |" in text and "fewer than 10 photos of a class" in text
