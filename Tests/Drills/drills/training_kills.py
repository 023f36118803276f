"""A training over the network whose processes are killed: it goes on, and ends with the same bits."""

import csv
import json
import random
import socket
import struct
import time

from support.result import Checks

NAME = "training-kills"
QUICK = True
AGENTS = ["left", "middle", "right"]
COLUMNS = 4
ROWS = 400
SCENARIO = """
name: training-kills
dataset:
  kind: csv
  file: {file}
  label: class
  classes: [low, high]
  train_rows: {rows}
  agents: {{ {agents} }}
training: {{ embedding: 8, epochs: {epochs}, batch: 32, hidden: 8, optimizer: adam, agent_dropout: 0.2, agent_heads: true }}
manifold: {{ kind: linear, code: 2 }}
attacks: [{{ name: clean }}]
seeds: [0]
"""


def run(context):
    epochs, center_kills, agent_kills = (100, 2, 3) if context.quick else (500, 10, 20)
    checks = Checks()
    folder = context.folder
    (folder / "secret").write_bytes(random.Random(1).randbytes(32))
    context.workshop.run("certs", folder / "certificates", "--agents", *AGENTS)
    scenario = tables(folder, epochs)
    context.workshop.run("train", scenario, "--out", folder / "alone", "--seed", 0)
    labels = context.workshop.run(
        "data", "keys", folder / "labels.csv", "--key", "key", "--label", "class", "--secret", folder / "secret")
    (folder / "keyed.csv").write_text(labels)

    killed(context, checks, Parties(context, scenario, "synchronous"), center_kills, agent_kills)
    if not checks.failures:
        alone, joint = weights(folder / "alone"), weights(folder / "bundle-synchronous")
        for name in AGENTS:
            for path, numbers in weights(folder / f"model-synchronous-{name}").items():
                joint[path.replace("extractor.", f"extractor.{name}.")] = numbers
        different = [path for path in alone if alone[path] != joint.get(path)]
        checks.expect(not different, f"other numbers: {different[:3]}")

    asynchronous = folder / "asynchronous.yaml"
    asynchronous.write_text(scenario.read_text().replace("agent_heads: true", "exchange: { mode: asynchronous }"))
    killed(context, checks, Parties(context, asynchronous, "asynchronous"), 1, agent_kills)
    left_out(context, checks, Parties(context, scenario, "left-out", "--leave-out", "1500ms"))
    left = [str(path) for path in [*folder.glob("state-*/*"), *folder.glob("agents-[as]*/*/*")]]
    checks.expect(not left, f"checkpoints are left: {left[:3]}")
    return checks.result(
        f"{center_kills} kills of the center, {agent_kills} of agents: all weights equal, bit for bit; asynchronous, "
        f"1 and {agent_kills}: to the end; an agent that stays away is left out")


class Parties:
    """A fusion center and three agents, to be started and killed."""

    def __init__(self, context, scenario, name, *options):
        self.context, self.scenario, self.name, self.options = context, scenario, name, options
        # Where the center listens, and the network namespace of the agents.
        self.host, self.namespace = "127.0.0.1", None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.programs = {}

    def start(self, who):
        folder, copur = self.context.folder, self.context.workshop.copur
        certificates = folder / "certificates"
        pair = "server" if who == "center" else f"agent-{who}"
        tls = ["--tls-certificate", certificates / f"{pair}.pem", "--tls-key", certificates / f"{pair}.key",
               "--tls-ca", certificates / "ca.pem"]
        if who == "center":
            arguments = [
                copur, "train", self.scenario, "--listen", f"{self.host}:{self.port}", "--labels", folder / "keyed.csv",
                "--out", folder / f"bundle-{self.name}", "--state", folder / f"state-{self.name}", "--checkpoint-every",
                "50ms", "--seed", 0, *self.options, *tls]
        else:
            arguments = [
                copur, "agent", "--agent", who, "--connect", f"https://{self.host}:{self.port}", "--server-name",
                "localhost", "--rows",
                folder / f"{who}.csv", "--key", "key", "--secret", folder / "secret", "--out",
                folder / f"model-{self.name}-{who}", "--state", folder / f"agents-{self.name}", "--seed", 0,
                "--backoff-base", "20ms", "--backoff-max", "200ms", *tls]
        namespace = None if who == "center" else self.namespace
        self.programs[who] = self.context.start(f"{self.name}-{who}", arguments, namespace=namespace)

    def kill(self, who):
        self.programs[who].kill()
        self.context.forget(self.programs.pop(who))

    def ended(self, checks, *names):
        """Expects programs to end well."""
        for who in names:
            program = self.programs[who]
            try:
                code = program.wait(60)
            except Exception as error:
                code = error
            checks.expect(code == 0, f"{program.name} ended with {code}: {program.log.all[-2:]}")


def killed(context, checks, parties, center_kills, agent_kills):
    """Trains while processes are killed and started again."""
    generator = random.Random(2)
    for who in ["center", *AGENTS]:
        parties.start(who)
    victims = ["center"] * center_kills + [generator.choice(AGENTS) for _ in range(agent_kills)]
    generator.shuffle(victims)
    kills = 0
    for victim in victims:
        time.sleep(0.2 + 0.4 * generator.random())
        if not parties.programs["center"].is_running:
            break
        parties.kill(victim)
        kills += 1
        parties.start(victim)
    parties.ended(checks, "center", *AGENTS)
    checks.expect(kills == len(victims), f"the training was over after {kills} of {len(victims)} kills")


def left_out(context, checks, parties):
    """An agent goes away and does not come back: the others end without it."""
    for who in ["center", *AGENTS]:
        parties.start(who)
    parties.programs["center"].log.containing("every agent is there")
    time.sleep(0.3)
    parties.kill(AGENTS[0])
    parties.ended(checks, "center", *AGENTS[1:])
    checks.expect(
        parties.programs["center"].log.matching("left out"), "the center says nothing of the agent that is left out")
    manifest = json.loads((context.folder / "bundle-left-out" / "bundle.json").read_text())
    checks.expect(manifest.get("unheard") == [AGENTS[0]], f"never heard: {manifest.get('unheard')}")


def tables(folder, epochs):
    """Writes the whole table, the scenario, and what each party has; the scenario's path."""
    generator = random.Random(0)
    names = {agent: [f"{agent}-{number}" for number in range(COLUMNS)] for agent in AGENTS}
    rows = []
    for key in range(ROWS + 50):
        kind = generator.choice(["low", "high"])
        shift = 0.5 if kind == "high" else 0
        rows.append({"key": f"row {key}", "class": kind} | {
            # As agents' files have it: what single precision keeps.
            name: struct.unpack("f", struct.pack("f", generator.gauss(shift, 1)))[0]
            for columns in names.values() for name in columns})
    write(folder / "whole.csv", [*rows[0]], rows)
    write(folder / "labels.csv", ["key", "class"], rows[:ROWS])
    for agent, columns in names.items():
        # Parties write their rows in orders of their own.
        own = rows[:ROWS]
        generator.shuffle(own)
        write(folder / f"{agent}.csv", ["key", *columns], own)
    scenario = folder / "scenario.yaml"
    agents = ", ".join(f"{agent}: {json.dumps(columns)}" for agent, columns in names.items())
    scenario.write_text(SCENARIO.format(file=folder / "whole.csv", rows=ROWS, agents=agents, epochs=epochs))
    return scenario


def write(path, columns, rows):
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, columns, extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)


def weights(folder):
    """The arrays of a safetensors file, as bytes, by name."""
    data = (folder / "weights.safetensors").read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    arrays = {}
    for name, record in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            begin, end = record["data_offsets"]
            arrays[name] = data[8 + length + begin:8 + length + end]
    return arrays
