"""What the tests share: the program, data that they make, a model of it, and services on ports of their own."""

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from copur.program import find_program

EXAMPLES = Path(__file__).parent.parent / "examples"
sys.path.insert(0, str(EXAMPLES))


@pytest.fixture(autouse=True, scope="session")
def no_cache():
    """A test that would use the cache or the data of whoever runs it fails."""
    os.environ["XDG_CACHE_HOME"] = "/dev/null"
    os.environ.pop("COPUR_DATA", None)


@pytest.fixture(scope="session")
def workshop(tmp_path_factory):
    """A folder with data, a scenario, its bundle, and certificates."""
    from machines import AGENTS, machines

    folder = tmp_path_factory.mktemp("workshop")
    scenario = machines(folder) | {"defenses": ["copur"], "attacks": [{"name": "clean"}]}
    (folder / "machines.yaml").write_text(json.dumps(scenario))
    copur = find_program()
    subprocess.run([copur, "train", folder / "machines.yaml", "--out", folder / "bundle"], check=True)
    subprocess.run(
        [copur, "certs", folder / "certificates", "--agents", *AGENTS], check=True, stdout=subprocess.DEVNULL
    )
    return folder


@contextlib.contextmanager
def program(arguments, mark):
    """A program of copur that goes on; the line that its output has the mark in, and the process."""
    process = subprocess.Popen(
        [find_program(), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if mark in line:
                break
        else:
            raise AssertionError("".join(lines))
        yield line, process
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture
def service(workshop):
    """Starts a service of the workshop's bundle with mutual TLS; its address."""
    certificates = workshop / "certificates"
    options = ["--tls-certificate", certificates / "server.pem", "--tls-key", certificates / "server.key"]
    options += ["--tls-ca", certificates / "ca.pem"]

    @contextlib.contextmanager
    def start(*more, port=0):
        arguments = ["serve", workshop / "bundle", "--grpc", f"127.0.0.1:{port}", *options, *more]
        with program(arguments, "copur: listening on") as (line, process):
            yield f"https://localhost:{port_in(line)}", process

    return start


@contextlib.contextmanager
def training_center(folder, secret, settings, options):
    """A training of the examples' data that writes its bundle into a folder; its port, and the process."""
    from machines import TRAIN_ROWS, machines, measurements

    scenario = machines(folder) | {"defenses": ["copur"], "attacks": [{"name": "clean"}]}
    scenario["training"] |= {"epochs": 8, **settings}
    scenario["manifold"]["code"] = 2
    (folder / "scenario.yaml").write_text(json.dumps(scenario))
    (folder / "secret").write_bytes(secret)
    names = ["healthy", "worn"]
    labels = "".join(f"{row},{names[int(worn)]}\n" for row, worn in enumerate(measurements()[1][:TRAIN_ROWS]))
    (folder / "labels.csv").write_text("minute,state\n" + labels)
    keyed = ["data", "keys", "labels.csv", "--key", "minute", "--label", "state", "--secret", "secret"]
    output = subprocess.run([find_program(), *keyed], cwd=folder, check=True, stdout=subprocess.PIPE).stdout
    (folder / "keyed.csv").write_bytes(output)
    arguments = ["train", folder / "scenario.yaml", "--listen", "127.0.0.1:0", "--out", folder / "bundle"]
    arguments += ["--labels", folder / "keyed.csv", *options]
    with program(arguments, "copur: listening on") as (line, process):
        yield port_in(line), process


def port_in(line):
    """The port that a line of copur names."""
    return int(re.search(r"127\.0\.0\.1:(\d+)", line).group(1))
