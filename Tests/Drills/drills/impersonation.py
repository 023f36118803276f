"""Whoever is not who they say: no certificate, a wrong one, another's name or role, an old TLS. No row, a line each."""

import ssl

from support.certificates import Authority
from support.clients import outcome
from support.journal import Journal
from support.processes import eventually
from support.result import Checks

NAME = "impersonation"
QUICK = True


def run(context):
    workshop = context.workshop
    checks = Checks()
    path = context.folder / "journal.sqlite"
    center = context.serve(journal=path)
    first, second = workshop.agents[:2]
    mine = f"spiffe://copur/agent/{first}"
    folder = context.folder / "wrong"
    authority = workshop.authority

    def lines():
        return [line for line in center.log.all if "refused" in line]

    def refused(what, attempt, codes, said):
        """An attempt that has to fail with one of some statuses, and to leave a line in the log that says something."""
        before = len(lines())
        code, message = attempt()
        checks.expect(code in codes, f"{what}: {code} \"{message}\"")
        audited = eventually(lambda: any(said in line for line in lines()[before:]), timeout=2)
        checks.expect(audited, f"{what}: no audit line with \"{said}\" ({lines()[before:]})")

    def joining(pair, agent=first):
        def attempt():
            client = context.client(center, pair=pair)
            try:
                return outcome(lambda: client.join(agent, workshop.width, workshop.model))
            finally:
                client.close()

        return attempt

    def contributing(pair, agent):
        def attempt():
            client = context.client(center, pair=pair)
            stream = client.contribute(agent, workshop.model, timeout=10)
            stream.send("forged", [0], [0.5] * workshop.width)
            try:
                return outcome(stream.receipt)
            finally:
                stream.cancel()
                client.close()

        return attempt

    # The handshake fails: no message is ever read.
    no_handshake = ["UNAVAILABLE"]
    wrong = {
        "no certificate": None,
        "another CA": Authority.new().issue(folder, "other", uri=mine),
        "expired": authority.issue(folder, "expired", uri=mine, begins=-10, ends=-1),
        "not yet valid": authority.issue(folder, "early", uri=mine, begins=1),
        "server-only key usage": authority.issue(folder, "server", uri=mine, server=True, client=False),
    }
    for what, pair in wrong.items():
        refused(what, joining(pair), no_handshake, "handshake")

    def old_tls():
        try:
            context.tls_socket(center, f"agent-{first}", maximum=ssl.TLSVersion.TLSv1_2).close()
            return "OK", ""
        except (ssl.SSLError, ConnectionError) as error:
            return "refused", str(error)

    refused("TLS 1.2", old_tls, ["refused"], "handshake")

    # The certificate is good, and somebody else's.
    denied = ["PERMISSION_DENIED"]
    own = workshop.pair(f"agent-{first}")
    refused("another agent's name in Join", joining(own, second), denied, "other-agent")
    refused("another agent's name in Contribute", contributing(own, second), denied, "other-agent")
    refused(
        "a certificate without a name", joining(authority.issue(folder, "nameless", hosts=["localhost"])), denied,
        "no-principal")
    refused(
        "a role that there is not",
        joining(authority.issue(folder, "role", uri="spiffe://copur/emperor/" + first)), denied, "no-principal")
    for role in ("client", "viewer", "admin"):
        refused(f"a {role} as an agent", contributing(workshop.pair(f"{role}-drill"), first), denied, '"reason":"role"')

    def as_client(call):
        def attempt():
            client = context.client(center, f"agent-{first}")
            try:
                return outcome(lambda: next(call(client)))
            finally:
                client.close()

        return attempt

    refused("an agent that asks for verdicts", as_client(lambda c: c.predict("forged", [0])), denied, '"reason":"role"')
    refused("an agent that watches", as_client(lambda c: c.watch(timeout=5)), denied, '"reason":"role"')

    # The right one still gets in, and what the others sent left no trace.
    code, message = joining(own)()
    checks.expect(code == "OK", f"the agent itself: {code} {message}")
    center.terminate()
    checks.expect(Journal(path).blocks() == {}, "a forged block is in the journal")
    return checks.result("all refused, no row, a line in the log for each")
