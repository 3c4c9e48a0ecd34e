"""Runs the client tests against a simulator of their own.

The last line is "N passed, N failed, N skipped".

The simulator is started before any client is imported: aiohttp builds its TLS context on import,
and the way for a user to make these clients trust a private CA is SSL_CERT_FILE.
"""

import os
import sys

import pytest

import simulator

HERE = os.path.dirname(os.path.abspath(__file__))


class Counter:
    """Counts each test once: a failure in set-up or tear-down is a failure of the test."""

    def __init__(self):
        self.outcomes: dict = {}

    def pytest_runtest_logreport(self, report):
        worst = ("passed", "skipped", "failed")
        if report.when == "call" or report.outcome != "passed":
            before = self.outcomes.get(report.nodeid, "passed")
            self.outcomes[report.nodeid] = max(before, report.outcome, key=worst.index)

    def pytest_collectreport(self, report):
        if report.failed:
            self.outcomes[report.nodeid] = "failed"

    def count(self, outcome: str) -> int:
        return sum(1 for value in self.outcomes.values() if value == outcome)


def main() -> int:
    try:
        venue = simulator.Simulator(simulator.program_path())
    except (OSError, RuntimeError) as error:
        print(f"FAILED  the simulator did not start: {error}")
        print("0 passed, 1 failed, 0 skipped")
        return 1
    os.environ["SSL_CERT_FILE"] = venue.details.get("ca_file", "")
    simulator.running = venue.details
    counter = Counter()
    try:
        status = pytest.main(["-p", "no:cacheprovider", "--tb=short", "-q",
                              "-W", "ignore::DeprecationWarning",
                              "--rootdir", HERE, HERE, *sys.argv[1:]], plugins=[counter])
    finally:
        stopped = venue.stop()
    failed = counter.count("failed")
    if stopped != 0:
        print(f"FAILED  the simulator ended with status {stopped} when asked to stop")
        failed += 1
    if status not in (0, 1) and failed == 0:
        print(f"FAILED  pytest ended with status {status}")
        failed += 1
    print(f"{counter.count('passed')} passed, {failed} failed, {counter.count('skipped')} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
