"""Whether a service says that it is ready, by all the ways in which it says it."""

import http.client
import ssl

from .clients import outcome

SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"


class Readiness:
    """Asks Join as an agent would, and the health service and the HTTP plane where the service has them."""

    def __init__(self, context, center, agent=None):
        self.workshop = context.workshop
        self.agent = agent or self.workshop.agents[0]
        self.center = center
        self.client = context.client(center, f"agent-{self.agent}")
        self.has_plane = any("--http" == argument for argument in center.arguments)

    def join(self):
        """The name of the status with which Join answers."""
        return outcome(lambda: self.client.join(self.agent, self.workshop.width, self.workshop.model, timeout=5))[0]

    def health(self):
        """What the health service says: True, False, or None where there is none."""
        check = self.client.channel.unary_unary("/grpc.health.v1.Health/Check")
        answer = []
        code, message = outcome(lambda: answer.append(check(b"", timeout=5)))
        if code == "UNIMPLEMENTED":
            return None
        if code != "OK":
            return False
        return answer[0] == SERVING

    def get(self, path):
        """The HTTP plane's status and body; None without a plane."""
        if not self.has_plane:
            return None
        line = self.center.output.containing("copur: serving http", timeout=10)
        host, _, port = line.split()[-1].rpartition("//")[2].rstrip("/").rpartition(":")
        trust = ssl.create_default_context(cafile=self.workshop.certificates / "ca.pem")
        trust.load_cert_chain(*self.workshop.pair("admin-drill"))
        connection = http.client.HTTPSConnection(host, int(port), timeout=5, context=trust)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def reads(self):
        """The HTTP status of each route that has to live on when nothing can be written."""
        answers = {route: self.get(route) for route in ("/v2", "/v2/health/live", "/v2/models/fusion", "/metrics")}
        return {route: answer[0] for route, answer in answers.items() if answer is not None}

    def contradictions(self, ready):
        """Which of them say otherwise."""
        wrong = []
        code = self.join()
        if code != ("OK" if ready else "UNAVAILABLE"):
            wrong.append(f"Join: {code}")
        if self.health() not in (ready, None):
            wrong.append(f"health: {self.health()}")
        plane = self.get("/v2/health/ready")
        if plane is not None and plane[0] != (200 if ready else 503):
            wrong.append(f"/v2/health/ready: {plane[0]}")
        return wrong
