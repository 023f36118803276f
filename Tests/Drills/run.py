"""Runs drills one after the other and prints a table: drill, attempts, passed, figure.

    run.py --copur PROGRAM [--quick] [--list] [--json] [NAME…]

A drill is a module of the package `drills` with

    NAME      what the table calls it
    QUICK     whether it is in the quick set
    LIMIT     optional: after how many seconds it is given up (120)
    run(context) -> Result

It raises Skipped where it cannot be run. Exits with 1 if a drill failed, with 64 for a name that is none.
"""

import argparse
import importlib
import json
import os
import pathlib
import pkgutil
import signal
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
# Refused handshakes are what some drills are about.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

import drills
from support.context import Context
from support.result import Result, Skipped
from support.workshop import Workshop


def modules():
    found = [importlib.import_module(f"drills.{module.name}") for module in pkgutil.iter_modules(drills.__path__)]
    return sorted(found, key=lambda module: module.NAME)


def give_up(number, frame):
    raise TimeoutError("the drill's time is over")


def drill(module, workshop, quick):
    """One row of the table."""
    start = time.monotonic()
    row = {"drill": module.NAME, "attempts": 0, "passed": 0, "figure": "", "outcome": "failed"}
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(getattr(module, "LIMIT", 120))
    try:
        with Context(workshop, module.NAME, quick) as context:
            try:
                result = module.run(context)
                outcome = "passed" if 0 < result.attempts == result.passed else "failed"
                row |= {
                    "attempts": result.attempts, "passed": result.passed, "figure": result.figure, "outcome": outcome,
                }
            except Skipped as reason:
                row |= {"figure": f"skipped: {reason}", "outcome": "skipped"}
            except Exception as error:
                row |= {"attempts": 1, "figure": f"{type(error).__name__}: {error}".splitlines()[0]}
                traceback.print_exc()
            signal.alarm(0)
            if row["outcome"] == "failed":
                context.show_logs()
    finally:
        signal.alarm(0)
    return row | {"seconds": round(time.monotonic() - start, 1)}


def table(rows):
    cells = [("drill", "attempts", "passed", "figure")] + [
        (row["drill"], str(row["attempts"]), str(row["passed"]), row["figure"]) for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    for name, attempts, passed, figure in cells:
        print(f"{name:<{widths[0]}}  {attempts:>{widths[1]}}  {passed:>{widths[2]}}  {figure}")
    counts = {
        outcome: sum(row["outcome"] == outcome for row in rows) for outcome in ("passed", "failed", "skipped")
    }
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))


def main():
    parser = argparse.ArgumentParser(description="Drills of the service.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a drill; all of them if left out")
    parser.add_argument("--copur", required=True, metavar="PROGRAM", help="the program under test")
    parser.add_argument("--quick", action="store_true", help="those that the tests run")
    parser.add_argument("--list", action="store_true", help="say which drills there are")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the table")
    options = parser.parse_args()

    known = modules()
    unknown = set(options.names) - {module.NAME for module in known}
    if unknown:
        print(f"no such drill: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 64
    chosen = [
        module for module in known
        if (not options.names or module.NAME in options.names) and (not options.quick or module.QUICK)
    ]
    if options.list:
        for module in chosen:
            print(f"{module.NAME:<24} {'quick ' if module.QUICK else '      '}{module.__doc__.splitlines()[0]}")
        return 0
    rows = []
    with Workshop(pathlib.Path(options.copur).resolve()) as workshop:
        for module in chosen:
            rows.append(drill(module, workshop, options.quick))
            print("{drill}: {outcome} ({seconds} s) {figure}".format(**rows[-1]), file=sys.stderr, flush=True)
    if options.json:
        print(json.dumps({"drills": rows}))
    else:
        table(rows)
    return int(any(row["outcome"] == "failed" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
