"""The examples, played as they stand."""

import subprocess
import sys

import pytest
from conftest import EXAMPLES, port_in, program, training_center


def play(*arguments):
    """What an example prints."""
    finished = subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_own_kinds(tmp_path):
    pytest.importorskip("matplotlib")
    script = EXAMPLES / "own_kinds.py"
    assert len(script.read_text().splitlines()) <= 40
    table = {line.split()[0]: line.split()[1:] for line in play(script, tmp_path).splitlines()[2:]}
    clean, ascent = [float(value) for value in table["clean"]], [float(value) for value in table["ascent"]]
    # The attack attacks, copur holds, and the defence of one's own defends.
    assert min(clean) > 85
    assert ascent[0] < 40
    assert ascent[1] > 90
    assert ascent[2] > ascent[0] + 30
    assert "<svg" in (tmp_path / "table.svg").read_text()


def test_own_extractor(tmp_path):
    script = EXAMPLES / "own_extractor.py"
    assert len(script.read_text().splitlines()) <= 40
    table = {line.split()[0]: line.split()[1:] for line in play(script, tmp_path).splitlines()[2:]}
    assert min(float(value) for value in table["clean"]) > 85
    assert float(table["flip"][1]) > float(table["flip"][0])


def test_own_agents(tmp_path):
    pytest.importorskip("torch")
    with training_center(tmp_path, bytes(32), {}, ["--insecure"]) as (port, training):
        script = subprocess.Popen(
            [sys.executable, EXAMPLES / "own_agents.py", f"http://127.0.0.1:{port}", tmp_path / "secret"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert script.stdout.readline() == "trained\n"
        assert training.wait(60) == 0
    serve = ["serve", tmp_path / "bundle", "--grpc", "127.0.0.1:0", "--insecure"]
    with program(serve, "copur: listening on") as (line, _):
        output, _ = script.communicate(f"http://127.0.0.1:{port_in(line)}\n", 60)
    assert script.returncode == 0
    assert output.splitlines()[-1] == "300 blocks"
