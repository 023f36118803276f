"""Peers that hold connections of the HTTP plane, or guess tokens: they are cut off, slowed and counted."""

import http.client
import socket
import time

from support.measures import milliseconds
from support.processes import eventually
from support.result import Checks

NAME = "http-plane"
QUICK = False
# As the service has them: the longest wait for a head, connections of an address, the pause after a wrong token.
HEAD, CONNECTIONS, PAUSE = 10, 256, 0.5


def run(context):
    checks = Checks()
    tokens = context.folder / "tokens"
    tokens.write_text("viewer drill 0123456789abcdef\n")
    center = context.serve("--http", "127.0.0.1:0", "--http-plaintext", "--http-token-file", tokens)
    page = center.output.containing("copur: serving").split()[-1]
    host, _, port = page.rstrip("/").rpartition("//")[2].rpartition(":")
    port = int(port)

    def get(path, token=None, source=None):
        connection = http.client.HTTPConnection(
            host, port, timeout=5, source_address=(source, 0) if source else None)
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    # Half a request on as many connections as an address may have, and more.
    start = time.monotonic()
    held = []
    for _ in range(CONNECTIONS + 40):
        sock = socket.create_connection((host, port), timeout=5)
        try:
            sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")
            held.append(sock)
        except OSError:
            pass
    status, _ = get("/v2/health/ready", source="127.0.0.2")
    checks.expect(status == 200, f"ready from another address: {status}")
    eventually(lambda: _closed(held[0]), HEAD + 5)
    closed = time.monotonic() - start
    checks.expect(HEAD - 1 <= closed <= HEAD + 3, f"half a request was held for {closed:.1f} s")
    checks.expect(eventually(lambda: get("/v2/health/ready")[0] == 200, 5), "not ready for the same address afterwards")
    for sock in held:
        sock.close()

    start = time.monotonic()
    for _ in range(3):
        status, _ = get("/metrics", "guess-guess-guess-0")
        checks.expect(status == 401, f"a wrong token: {status}")
    slowed = time.monotonic() - start
    checks.expect(slowed >= 3 * PAUSE, f"three wrong tokens in {milliseconds(slowed)}")
    status, metrics = get("/metrics", "0123456789abcdef")
    checks.expect(status == 200, f"the right token: {status}")
    for line in ('copur_access_refused_total{reason="token"} 3',):
        checks.expect(line in metrics, f"not in /metrics: {line}")
    for rule in ("head-timeout", "connections-per-peer"):
        found = [l for l in metrics.splitlines() if l.startswith(f'copur_http_refused_total{{rule="{rule}"}}')]
        checks.expect(found and float(found[0].split()[-1]) >= 1, f"counter of {rule}: {found}")
    return checks.result(f"half a request held for {closed:.1f} s, three wrong tokens took {milliseconds(slowed)}")


def _closed(sock):
    sock.settimeout(0.05)
    try:
        return sock.recv(4096) == b"" or True
    except TimeoutError:
        return False
    except OSError:
        return True
