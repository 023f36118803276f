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


def port_in(line):
    """The port that a line of copur names."""
    return int(re.search(r"127\.0\.0\.1:(\d+)", line).group(1))
