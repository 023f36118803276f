"""Runs: launched, read, and refused."""

import subprocess

import copur
import pandas as pd
import pytest
from machines import machines


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    scenario = machines(folder) | {
        "defenses": ["unsecured", "copur", "agent-vote"],
        "attacks": [{"name": "clean"}, {"name": "flip", "kind": "feature-flipping", "agents": ["sound"]}],
        "protect": {"any": 1},
        "seeds": [0, 1],
    }
    return copur.run(scenario, in_process=True, out=folder / "run", cache=folder / "cache")


def test_results_are_those_of_the_csv_file(run):
    results = run.results
    written = pd.read_csv(run.folder / "results.csv", keep_default_na=False)
    assert len(results) == len(written) == 2 * 2 * 3
    assert set(results) == set(written) - {"residuals", "false_alarms"}
    assert results.accuracy.tolist() == written.accuracy.astype(float).tolist()
    assert set(results[results.attack == "flip"].compromised) == {("sound",)}


def test_predictions_give_the_accuracy(run):
    predictions = run.predictions
    right = (predictions.prediction == predictions.label).groupby(
        [predictions.seed, predictions.attack, predictions.defense]
    )
    results = run.results.set_index(["seed", "attack", "defense"]).accuracy
    pd.testing.assert_series_equal(right.mean().astype(float).sort_index(), results.sort_index(), check_names=False)


def test_certificates_agents_and_table(run):
    certificates = run.certificates
    assert set(certificates.defense) >= {"agent-vote"}
    assert certificates.certified_accuracy.between(0, 1).all()
    agents = run.agents
    assert set(agents[agents.defense == "copur"].agent) == {"vibration", "heat", "sound"}
    assert (agents.residual_median.dropna() >= 0).all()
    table = run.table()
    assert list(table.index) == ["clean", "flip"]
    assert list(table) == ["unsecured", "copur", "agent-vote"]
    with pytest.raises(copur.CopurError, match=r"results have these columns.*speed"):
        run.table("speed")


def test_losses_fall(run):
    joint = run.losses.query("stage == 'extractors and fusion model' and seed == 1").set_index("epoch").loss
    assert joint.index.tolist() == list(range(1, 51))
    assert joint.iloc[-1] < joint.iloc[0]
    assert {"copur", "unsecured"} <= set(run.losses.defenses.iloc[0])


def test_a_torn_end_is_no_result(run, tmp_path):
    for name in ("run.json", "results.jsonl"):
        (tmp_path / name).write_bytes((run.folder / name).read_bytes())
    with open(tmp_path / "results.jsonl", "a") as file:
        file.write('{"scenario": "mach')
    assert len(copur.Run(tmp_path).results) == len(run.results)


def test_what_the_program_refuses_keeps_its_code(tmp_path):
    scenario = machines(tmp_path) | {"defenses": ["magic"], "attacks": [{"name": "clean"}]}
    with pytest.raises(copur.ProgramError, match="magic") as caught:
        copur.run(scenario, in_process=True, out=tmp_path / "run")
    assert caught.value.code is copur.ExitCode.CONFIGURATION
    with pytest.raises(copur.ProgramError) as caught:
        copur.run(tmp_path / "none.yaml", in_process=True, out=tmp_path / "run")
    assert caught.value.code == copur.ExitCode.MISSING_INPUT


def test_no_program_and_no_run(tmp_path, monkeypatch):
    monkeypatch.setenv("COPUR", str(tmp_path / "copur"))
    with pytest.raises(copur.CopurError, match="there is no program"):
        copur.run({}, out=tmp_path)
    with pytest.raises(copur.CopurError, match="holds no run"):
        copur.Run(tmp_path)


def test_import_needs_neither_pandas_nor_torch():
    import sys

    code = "import sys, copur; sys.exit(bool({'pandas', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
