"""Peers that hold connections of the HTTP plane, watch without reading, post long JSON or guess tokens: nobody is kept out."""

import http.client
import socket
import threading
import time

from support.measures import megabytes, milliseconds
from support.processes import eventually
from support.result import Checks

NAME = "http-plane"
QUICK = False
LIMIT = 180
# As the service has them: the longest wait for a head, connections of an address, after how long one that waits gives
# way to another, the pause after a wrong token, how long a page may be open before it gives way, the longest JSON.
HEAD, CONNECTIONS, PATIENCE, PAUSE, PAGE, JSON = 10, 256, 1, 0.5, 10, 4 << 20
VIEWER, CLIENT = "0123456789abcdef", "fedcba9876543210"
INFER = "/v2/models/fusion/infer"


def run(context):
    checks = Checks()
    tokens = context.folder / "tokens"
    tokens.write_text(f"viewer drill {VIEWER}\nclient drill {CLIENT}\n")
    center = context.serve("--http", "127.0.0.1:0", "--http-plaintext", "--http-token-file", tokens)
    page = center.output.containing("copur: serving http").split()[-1]
    host, _, port = page.rstrip("/").rpartition("//")[2].rpartition(":")
    port = int(port)
    honest = context.honest(center)
    honest.during(1)

    def get(path, token=None, source=None, method="GET", body=None):
        connection = http.client.HTTPConnection(
            host, port, timeout=5, source_address=(source, 0) if source else None)
        try:
            connection.request(
                method, path, body=body, headers={"Authorization": f"Bearer {token}"} if token else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def is_ready(source=None):
        try:
            return get("/v2/health/ready", source=source)[0] == 200
        except OSError:
            return False

    def counter(rule):
        _, metrics = get("/metrics", VIEWER, source="127.0.0.3")
        found = [line for line in metrics.splitlines() if line.startswith(f'copur_http_refused_total{{rule="{rule}"}}')]
        return float(found[0].split()[-1]) if found else None

    # Half a request on as many connections as an address may have, and more.
    start = time.monotonic()
    held = []
    for _ in range(CONNECTIONS + 40):
        sock = context.closing(socket.create_connection((host, port), timeout=5))
        try:
            sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")
        except OSError:
            pass
        held.append(sock)
    checks.expect(is_ready("127.0.0.2"), "not ready for another address")
    time.sleep(PATIENCE + 0.2)
    checks.expect(is_ready(), "not ready for the same address")
    eventually(lambda: _closed(held[100]), HEAD + 5)
    closed = time.monotonic() - start
    checks.expect(HEAD - 1 <= closed <= HEAD + 3, f"half a request was held for {closed:.1f} s")

    # Watchers who do not read.
    watching = []
    for _ in range(80):
        sock = context.closing(socket.create_connection((host, port), timeout=5))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(f"GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {VIEWER}\r\n\r\n".encode())
        watching.append(sock)
    time.sleep(PAGE + 0.5)
    checks.expect(is_ready(), "not ready beside watchers")
    sock = context.closing(socket.create_connection((host, port), timeout=5))
    sock.sendall(f"GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {VIEWER}\r\n\r\n".encode())
    first = sock.recv(4096)
    checks.expect(first.startswith(b"HTTP/1.1 200"), f"a dashboard beside 80 who do not read: {first[:40]}")

    # JSON of 15 MB, from eight clients at once.
    before, memory = honest.during(1), center.memory()
    body = b'{"inputs":[{"name":"top-left","shape":[1,1],"datatype":"FP32","data":[' + b"1," * (15 << 19) + b"1]}]}"
    answers = []

    def post():
        for _ in range(3):
            try:
                answers.append(get(INFER, CLIENT, method="POST", body=body)[0])
            except OSError as error:
                # Refused before the body is sent.
                answers.append(str(error))

    posting = [threading.Thread(target=post) for _ in range(8)]
    for thread in posting:
        thread.start()
    for thread in posting:
        thread.join()
    growth, beside = center.memory() - memory, honest.since_last()
    checks.expect(200 not in answers, f"JSON of {megabytes(len(body))}: {answers[:3]}")
    checks.expect(growth <= 200 << 20, f"memory +{megabytes(growth)} for JSON")
    checks.expect(not beside.failures and max(beside.latencies) <= 0.5, f"verdicts beside JSON: {max(beside.latencies)}")
    # As long as it may be.
    body = b'{"inputs":[{"name":"top-left","shape":[1,1],"datatype":"FP32","data":[' + b"1," * (JSON // 2 - 100) + b"1]}]}"
    status, _ = get(INFER, CLIENT, method="POST", body=body)
    checks.expect(status == 400, f"JSON as long as it may be, of another shape: {status}")
    peak = center.memory() - memory

    # Wrong tokens.
    start = time.monotonic()
    for _ in range(3):
        status, _ = get("/metrics", "guess-guess-guess-0")
        checks.expect(status == 401, f"a wrong token: {status}")
    slowed = time.monotonic() - start
    checks.expect(slowed >= 3 * PAUSE, f"three wrong tokens in {milliseconds(slowed)}")
    status, metrics = get("/metrics", VIEWER)
    checks.expect(status == 200, f"the right token: {status}")
    checks.expect('copur_access_refused_total{reason="token"} 3' in metrics, "wrong tokens are not counted")
    for rule in ("head-timeout", "connections-per-peer"):
        checks.expect((counter(rule) or 0) >= 1, f"counter of {rule}: {counter(rule)}")
    logged = len(center.log.matching("a token that the server knows"))
    checks.expect(1 <= logged <= 3, f"wrong tokens have {logged} lines in the log")
    return checks.result(
        f"half a request held for {closed:.1f} s, verdicts beside JSON at most {milliseconds(max(beside.latencies))} "
        f"(before {milliseconds(max(before.latencies))}), memory +{megabytes(peak)}, three wrong tokens took "
        f"{milliseconds(slowed)}")


def _closed(sock):
    sock.settimeout(0.05)
    try:
        sock.recv(4096)
        return True
    except TimeoutError:
        return False
    except OSError:
        return True
