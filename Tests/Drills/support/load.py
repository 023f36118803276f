"""Load of agents of ours."""

import shutil


def delivered(program, code):
    """Whether an agent sent everything: blocks after their round has closed are late, which it says and ends with 69.

    A service that one agent opens and decides, as most drills have it, closes rounds without those that come later.
    """
    return code == 0 or (code == 69 and any(" late)" in line for line in program.log.all[-1:]))


class Load:
    """Agents that send session after session, each with its ledger, at whatever speed the service takes."""

    def __init__(self, context, center, *options, name="load"):
        """
        name -- what its sessions and ledgers are called by
        """
        self.name = name
        self.context = context
        self.address = center.address
        self.options = ["--backoff-base", "50ms", "--backoff-max", "200ms", "--log-level", "warning", *options]
        self.session = -1
        self.running = []
        # What ended without having sent everything: none may.
        self.failures = []

    def path(self, agent):
        """An agent's ledger."""
        return self.context.folder / f"ledger-{self.name}-{agent}.jsonl"

    @property
    def ledgers(self):
        return {agent: self.path(agent) for agent in self.context.workshop.agents}

    def copies(self):
        """The ledgers as they are now, for a journal that is read after that: receipts come meanwhile."""
        found = {}
        for agent, path in self.ledgers.items():
            found[agent] = path.with_suffix(".copy")
            if path.exists():
                shutil.copyfile(path, found[agent])
        return found

    def keep_up(self):
        """Starts the next session once all agents have sent this one."""
        if any(program.is_running for program in self.running):
            return
        self._ended()
        self.session += 1
        self.running = [
            self.context.agent(
                agent, None, "--session", f"{self.name}-{self.session}", "--ledger", self.path(agent), *self.options,
                address=self.address)
            for agent in self.context.workshop.agents
        ]

    def finish(self, timeout=60):
        """Waits until all agents have sent their session."""
        for program in self.running:
            program.wait(timeout)
        self._ended()

    def _ended(self):
        for program in self.running:
            code = program.wait(0)
            if not delivered(program, code):
                self.failures.append(f"{program.name} ended with {code}: {program.log.all[-1:]}")
            self.context.forget(program)
        self.running = []
