"""What every client test starts from."""

import pytest

import simulator


@pytest.fixture(scope="session")
def details() -> dict:
    """URLs, CA and keys of the running simulator."""
    assert simulator.running, "start the tests with run.py, which starts the simulator first"
    return simulator.running
