import json
import subprocess
import sys
from pathlib import Path

import pytest

from dfd_tf.cli import main
from dfd_tf.cli.main import VERBS
from dfd_tf.cli.study import STUDIES

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.mark.parametrize("verb", VERBS)
def test_help_teaches_with_an_example_and_without_tensorflow(verb):
    code = (
        "import runpy, sys\n"
        "sys.argv[1:] = ['--help']\n"
        f"try: runpy.run_path({str(TOOLS / verb)!r} + '.py', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "assert not {'tensorflow', 'keras', 'matplotlib', 'sklearn'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"dfd {verb}" in done.stdout.lower().split("example")[1]


def test_unknown_verb_is_answered_with_the_nearest(capsys):
    assert main(["predikt"]) == 2
    assert "Did you mean 'predict'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("former", "now"),
    [
        ("oneclass", "study one-class"),
        ("table", "study architectures"),
        ("baselines", "study baselines"),
        ("combine", "ensemble"),
    ],
)
def test_former_names_are_answered_with_the_new_one(capsys, former, now):
    assert main([former, "--data", "x"]) == 2
    assert f"`dfd {former}` is now `dfd {now}`" in capsys.readouterr().err


@pytest.mark.parametrize("study", STUDIES)
def test_help_of_a_study_has_an_example(study, capsys):
    with pytest.raises(SystemExit):
        main(["study", study, "--help"])
    assert f"dfd study {study} --" in capsys.readouterr().out


def test_models_lists_what_ships_and_what_the_registry_holds(capsys):
    assert main(["models", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    published = {"name": "amtenet", "trainable": 2_022_746, "parameters": 2_023_018}
    assert any(published.items() <= row.items() for row in found["architectures"])
    shipped = {row["name"]: row for row in found["shipped"]}
    assert shipped["efficientnet_lite0"]["engine"] == "LiteRT or Keras"
    assert "clip_vit" in shipped["ensemble"]["engine"]
    learned = shipped["efficientnet_lite0"]["sources"][0]
    assert learned == {
        "source": "140k",
        "training_reals": 616,
        "training_fakes": 617,
        "auc": pytest.approx(0.919, abs=1e-3),
        "false_alarms": {"accused": 4, "n": 100},
    }
    assert main(["models"]) == 0
    printed = capsys.readouterr().out
    assert "2,022,746    2,023,018         124   128  conv7" in printed
    assert "140k, 617 fakes: 0.919" in printed


def test_models_without_keras_lists_what_ships():
    code = (
        "import sys\n"
        "sys.modules['keras'] = sys.modules['tensorflow'] = None\n"
        "from dfd_tf.cli import main\n"
        "sys.exit(main(['models']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "efficientnet_lite0" in done.stdout
    assert "need Keras, which is not installed" in done.stdout


def test_doctor_says_what_would_be_used(capsys):
    assert main(["doctor"]) == 0
    assert "precision auto" in capsys.readouterr().out
