"""Exit status 0 when the package index that pip uses answers a plain lookup, else 1."""

import subprocess
import sys
import tempfile

command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir",
           "--retries", "0", "--timeout", "15", "iniconfig", "--dest"]
try:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*command, folder], timeout=60, capture_output=True)
    sys.exit(done.returncode != 0)
except subprocess.TimeoutExpired:
    sys.exit(1)
