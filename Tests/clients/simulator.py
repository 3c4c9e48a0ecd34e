"""Starts `needletail sim serve` and reads the one JSON document that it prints when ready."""

import json
import os
import queue
import subprocess
import threading
import time

READY_SECONDS = 30
STOP_SECONDS = 10
KEYS = ("rest_url", "ws_url", "ws_api_url", "ca_file", "api_key", "api_secret",
        "ed25519_api_key", "ed25519_key_file", "venue", "symbols")

running: dict = {}  # What the simulator under test said about itself; run.py sets it.


class Simulator:
    """One running simulator. `details` is what it said about itself."""

    def __init__(self, program: str, *arguments: str):
        command = [program, "sim", "serve", "--venue", "binance", "--port", "0", "--json",
                   *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True)
        try:
            self.details = self._read_document()
        except BaseException:
            self.stop()
            raise

    def _read_document(self) -> dict:
        """The document may span lines, so lines are added until they parse."""
        lines: queue.Queue = queue.Queue()

        def pump():
            for line in self.process.stdout:
                lines.put(line)
            lines.put(None)

        threading.Thread(target=pump, daemon=True).start()
        text, deadline = "", time.monotonic() + READY_SECONDS
        while True:
            try:
                line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise RuntimeError(f"not ready after {READY_SECONDS} s; printed: {text!r}")
            if line is None:
                status = self.process.wait()
                raise RuntimeError(f"ended with status {status}; printed: {text!r}")
            text += line
            try:
                return json.loads(text)
            except json.JSONDecodeError:
                continue

    def stop(self) -> int:
        """Asks it to end, as Ctrl-C would, and returns its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return -9


def program_path() -> str:
    here = os.path.dirname(os.path.abspath(__file__))
    return os.environ.get("NEEDLETAIL_BIN") or os.path.join(
        here, "..", "..", ".build", "release", "needletail")
