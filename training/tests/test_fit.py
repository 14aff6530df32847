"""A folder of a run is that run's alone."""
from dataclasses import asdict, replace

import pytest

from training.fit import Recipe, _claim


def test_a_folder_of_another_run_is_refused(tmp_path):
    run = {"encoder": "one.jar", **asdict(Recipe())}
    _claim(tmp_path / "seed-1", run)
    _claim(tmp_path / "seed-1", run)
    with pytest.raises(SystemExit, match="another encoder, passes"):
        _claim(tmp_path / "seed-1", {"encoder": "two.jar", **asdict(replace(Recipe(), passes=1.0))})


def test_weights_of_an_unknown_run_are_refused(tmp_path):
    (tmp_path / "averaged.pt").touch()
    with pytest.raises(SystemExit, match="unknown run"):
        _claim(tmp_path, {"encoder": "one.jar"})
