"""Own defences, attacks and extractors: conversations by themselves, and in runs."""

import contextlib
import io
import re
import struct
import sys

import copur
import numpy as np
import pytest
from copur.listener import Listener
from copur.run import answered
from copur.v1.plugin_pb2 import PluginOpen, PluginReply, PluginRequest
from machines import machines


class Constant(copur.Defense):
    """Says the same of every sample, and suspects the first agent."""

    def decide(self, blocks, model):
        suspects = np.zeros(blocks.observed.shape, bool)
        suspects[:, 0] = True
        return copur.Decisions(np.full((len(blocks), 2), 0.5), suspects)


class Zero(copur.Attack):
    def propose(self, situation, victim):
        return copur.Proposal(np.where(situation.own, 0, situation.blocks.embeddings), ["too simple"])


class Doubled(copur.Extractor):
    """Twice the first columns, without those that are missing."""

    def embed(self, rows):
        return 2 * np.nan_to_num(rows[:, : self.agent.width])


def framed(message):
    data = message.SerializeToString()
    return struct.pack(">I", len(data)) + data


def talk(plugin, *requests):
    """What a plugin answers to an opening and requests, and whether it ended well."""
    agents = [{"name": "a", "width": 1}, {"name": "b", "width": 2}]
    role = PluginOpen.Role.Value(plugin.role.upper())
    if plugin.role == "extractor":
        agents = [{"name": "a", "width": 2, "features": 3, "columns": ["x", "y", "z"]}]
    opening = PluginRequest(open={"role": role, "agents": agents, "classes": ["no", "yes"]})
    out = io.BytesIO()
    ended = plugin.converse(io.BytesIO(b"".join(map(framed, [opening, *requests]))), out)
    replies, data = [], out.getvalue()
    while data:
        length = 4 + struct.unpack(">I", data[:4])[0]
        replies.append(PluginReply.FromString(data[4:length]))
        data = data[length:]
    assert replies[0].HasField("opened")
    return replies[1:], ended


def test_a_defense_decides():
    blocks = {"samples": 2, "embeddings": [0.0] * 6}
    (reply,), ended = talk(Constant(), PluginRequest(decide=blocks))
    assert ended
    assert list(reply.decisions.probabilities) == [0.5] * 4
    assert list(reply.decisions.suspects) == [True, False] * 2


def test_an_attack_changes_its_own_columns():
    blocks = {"samples": 1, "embeddings": [1.0, 2.0, 3.0]}
    (reply,), _ = talk(Zero(), PluginRequest(attack={"blocks": blocks, "compromised": [1], "labels": [0], "seed": 7}))
    assert list(reply.proposal.embeddings) == [1, 0, 0]
    assert list(reply.proposal.warnings) == ["too simple"]


def test_an_extractor_embeds():
    (reply,), ended = talk(Doubled(), PluginRequest(embed={"samples": 2, "features": [1, 2, 3, float("nan"), 5, 6]}))
    assert ended
    assert list(reply.embeddings.values) == [2, 4, 0, 10]
    (reply,), ended = talk(Doubled(), PluginRequest(embed={"samples": 2, "features": [1, 2, 3]}))
    assert not ended
    assert "2 rows have 6 numbers (actual: 3)" in reply.error


def test_blocks_without_agents():
    problem = copur.Problem(("a", "b"), (1, 2), ("no", "yes"))
    blocks = copur.Blocks(problem, np.array([[1, 2, 3]], np.float32), np.ones((1, 2), bool))
    assert blocks.without(0).embeddings.tolist() == [[0, 2, 3]]
    assert blocks.only(0).embeddings.tolist() == [[1, 0, 0]]
    assert blocks.only(0).observed.tolist() == [[True, False]]
    assert blocks.of_agent(1).tolist() == [[2, 3]]
    assert blocks.embeddings.tolist() == [[1, 2, 3]]
    with pytest.raises(copur.CopurError, match="3 columns"):
        blocks.with_embeddings(np.zeros((1, 2)))


@pytest.mark.parametrize(
    ("decide", "reason"),
    [
        (lambda blocks: np.zeros((len(blocks), 3)), r"probabilities has the shape \(1, 2\) \(actual: \(1, 3\)\)"),
        (lambda blocks: 1 / 0, "ZeroDivisionError: division by zero"),
    ],
)
def test_what_goes_wrong_is_said(decide, reason, capsys):
    class Wrong(copur.Defense):
        def decide(self, blocks, model):
            return decide(blocks)

    (reply,), ended = talk(Wrong(), PluginRequest(decide={"samples": 1, "embeddings": [0.0] * 3}))
    assert not ended
    assert re.search(reason, reply.error)
    assert "Traceback" in capsys.readouterr().err


def test_a_scenario_keeps_what_is_no_object(tmp_path):
    plain = {"name": "x", "defenses": ["copur", {"kind": "copur", "name": "two"}], "attacks": [{"name": "clean"}]}
    with contextlib.ExitStack() as stack:
        assert answered(plain, tmp_path, stack) == plain
        with pytest.raises(copur.CopurError, match="stands among what is attack"):
            answered({"attacks": [{"kind": Constant()}]}, tmp_path, stack)
        with pytest.raises(copur.CopurError, match=r"an object, Constant\(\)"):
            answered({"defenses": [Constant]}, tmp_path, stack)
        with pytest.raises(copur.CopurError, match="stands among what is extractor"):
            answered({"training": {"extractor": Constant()}}, tmp_path, stack)


def test_a_listener_takes_no_file_and_no_other_listener(tmp_path):
    address = f"unix:{tmp_path}/socket"
    (tmp_path / "file").write_text("mine")
    with pytest.raises(copur.CopurError, match="no socket"):
        Listener(Constant(), f"unix:{tmp_path}/file")
    assert (tmp_path / "file").read_text() == "mine"
    with Listener(Constant(), address), pytest.raises(copur.CopurError, match="another process listens"):
        Listener(Constant(), address)
    with pytest.raises(copur.CopurError, match="an address is"):
        Listener(Constant(), "here")


@pytest.mark.parametrize("in_process", [True, False])
def test_a_run_has_own_kinds_and_is_taken_up_again(tmp_path, in_process):
    scenario = machines(tmp_path) | {
        "defenses": ["unsecured", {"kind": Constant(), "name": "half"}],
        "attacks": [{"name": "clean"}, {"name": "zero", "kind": Zero(), "agents": ["sound"]}],
    }
    run = copur.run(scenario, in_process=in_process, out=tmp_path / "run", cache=tmp_path / "cache")
    assert run.is_finished
    results = run.results.set_index(["attack", "defense"])
    assert results.accuracy["clean", "unsecured"] > 0.9
    # All samples are class 0 for it.
    assert results.accuracy["zero", "half"] == (run.predictions.label == 0).mean()
    assert results.warnings["zero", "unsecured"] == ("too simple",)
    alarms = run.agents.set_index(["attack", "defense", "agent"]).false_alarm_rate
    assert alarms["clean", "half"].to_dict() == {"vibration": 1, "heat": 0, "sound": 0}
    before = (run.folder / "predictions.csv").read_bytes()
    again = copur.run(scenario, in_process=in_process, out=tmp_path / "run", cache=tmp_path / "cache")
    assert (again.folder / "predictions.csv").read_bytes() == before


@pytest.mark.parametrize("in_process", [True, False])
def test_a_run_has_an_extractor(tmp_path, in_process):
    scenario = machines(tmp_path) | {"defenses": ["unsecured", "copur"], "attacks": [{"name": "clean"}]}
    scenario["training"] = {"extractor": Doubled(), "embedding": 4, "epochs": 50, "learning_rate": 0.02, "hidden": 8}
    run = copur.run(scenario, in_process=in_process, out=tmp_path / "run", cache=tmp_path / "cache")
    assert run.is_finished
    assert run.results.accuracy.min() > 0.85
    assert run.record["bundles"][0]["extractor"].startswith('the program "unix:')


def test_a_program_of_its_own(tmp_path):
    """A class with serve(), whose prints do not disturb the conversation."""
    (tmp_path / "half.py").write_text(
        "import copur, numpy as np\n"
        "class Half(copur.Defense):\n"
        "    def decide(self, blocks, model):\n"
        "        print('deciding', len(blocks))\n"
        "        return np.full((len(blocks), 2), 0.5)\n"
        "if __name__ == '__main__':\n"
        "    Half().serve()\n"
    )
    command = [sys.executable, str(tmp_path / "half.py")]
    scenario = machines(tmp_path) | {
        "defenses": [{"kind": "external", "name": "half", "command": command}],
        "attacks": [{"name": "clean"}],
    }
    run = copur.run(scenario, in_process=True, out=tmp_path / "run", cache=tmp_path / "cache")
    assert set(run.predictions.prediction) == {0}
