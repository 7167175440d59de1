"""Runs scenarios and comparisons against a started sandbox; exit code 1 where anything was found."""

import argparse
import sys
import time
import unittest

from . import compare, coverage, scenarios, unit
from .report import Report
from .trial import SCENARIOS, Trial
from .world import World


def main():
    parser = argparse.ArgumentParser(prog="python -m witness", description=__doc__)
    parser.add_argument("--sandbox", required=True, help="address of the sandbox under test")
    parser.add_argument("--ministack", required=True, help="address of the ministack behind it")
    parser.add_argument(
        "--list", action="store_true", help="print which operations were called, and which scenarios took longest"
    )
    parser.add_argument(
        "scenario",
        nargs="*",
        help="all that start with one of these, such as `backup` or `rds.snapshots`; default: all",
    )
    args = parser.parse_args()

    # First whether the judge can find anything at all.
    tested = unittest.TextTestRunner(verbosity=0).run(unittest.defaultTestLoader.loadTestsFromModule(unit))
    if not tested.wasSuccessful():
        return 1
    report = Report()
    world = World(args.sandbox, args.ministack, report)
    wanted = [name for name in SCENARIOS if not args.scenario or name.startswith(tuple(args.scenario))]
    started = time.monotonic()
    took = {}
    for name in wanted:
        began = time.monotonic()
        Trial(world, name).run(SCENARIOS[name])
        took[name] = time.monotonic() - began
    if not args.scenario or "compare" in args.scenario:
        compare.run(world)
    if not args.scenario:
        coverage.run(world, args.list)
    if args.list:
        slowest = sorted(took, key=took.get, reverse=True)[:10]
        print(f"slowest: {', '.join(f'{name} {took[name]:.1f} s' for name in slowest)}")
    print(
        f"{len(wanted)} scenarios, {report.calls} calls, {report.checks} checks in {time.monotonic() - started:.1f} s"
    )
    for line in report.lines():
        print(line)
    return 1 if report else 0


if __name__ == "__main__":
    assert scenarios
    sys.exit(main())
