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
    copur = context.workshop.copur
    epochs, center_kills, agent_kills = (100, 2, 3) if context.quick else (500, 10, 20)
    checks = Checks()
    folder = context.folder
    scenario = tables(folder, epochs)
    context.workshop.run("train", scenario, "--out", folder / "alone", "--seed", 0)
    (folder / "secret").write_bytes(random.Random(1).randbytes(32))
    labels = context.workshop.run(
        "data", "keys", folder / "labels.csv", "--key", "key", "--label", "class", "--secret", folder / "secret")
    (folder / "keyed.csv").write_text(labels)
    context.workshop.run("certs", folder / "certificates", "--agents", *AGENTS)
    port = free_port()

    def tls(name):
        certificates = folder / "certificates"
        return ["--tls-certificate", certificates / f"{name}.pem", "--tls-key", certificates / f"{name}.key",
                "--tls-ca", certificates / "ca.pem"]

    def center():
        return context.start("center", [
            copur, "train", scenario, "--listen", f"127.0.0.1:{port}", "--labels", folder / "keyed.csv", "--out",
            folder / "bundle", "--state", folder / "state", "--checkpoint-every", "50ms", "--seed", 0, *tls("server")])

    def agent(name):
        return context.start(name, [
            copur, "agent", "--agent", name, "--connect", f"https://127.0.0.1:{port}", "--rows", folder / f"{name}.csv",
            "--key", "key", "--secret", folder / "secret", "--out", folder / f"model-{name}", "--state",
            folder / "agents", "--seed", 0, "--backoff-base", "20ms", "--backoff-max", "200ms", *tls(f"agent-{name}")])

    generator = random.Random(2)
    programs = {"center": center()} | {name: agent(name) for name in AGENTS}
    starts = {"center": center} | {name: (lambda name=name: agent(name)) for name in AGENTS}
    victims = ["center"] * center_kills + [generator.choice(AGENTS) for _ in range(agent_kills)]
    generator.shuffle(victims)
    killed = 0
    for victim in victims:
        time.sleep(0.2 + 0.4 * generator.random())
        if not programs["center"].is_running:
            break
        programs[victim].kill()
        context.forget(programs[victim])
        killed += 1
        programs[victim] = starts[victim]()
    for name, program in programs.items():
        try:
            code = program.wait(60)
        except Exception as error:
            code = error
        checks.expect(code == 0, f"{name} ended with {code}: {program.log.all[-2:]}")
    checks.expect(killed == len(victims), f"the training was over after {killed} of {len(victims)} kills")
    if checks.failures:
        context.show_logs(5)
        return checks.result("")
    alone, joint = weights(folder / "alone"), weights(folder / "bundle")
    for name in AGENTS:
        for path, numbers in weights(folder / f"model-{name}").items():
            joint[path.replace("extractor.", f"extractor.{name}.")] = numbers
    different = [path for path in alone if alone[path] != joint.get(path)]
    checks.expect(not different, f"other numbers: {different[:3]}")
    left = [str(path) for path in [*(folder / "state").glob("*"), *(folder / "agents").glob("*/*")]]
    checks.expect(not left, f"checkpoints are left: {left[:3]}")
    return checks.result(f"{center_kills} kills of the center, {agent_kills} of agents: all weights equal, bit for bit")


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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
