"""What the tests play on: the demo, the page's process, a browser; and a bot made of paper."""

import json
import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

from playwright.sync_api import sync_playwright

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHOTS = os.path.join(ROOT, ".build-browser", "shots")
NEEDLETAIL = os.environ["NEEDLETAIL_BIN"]
WEB = os.environ["NEEDLETAIL_WEB_BIN"]


def until(question, seconds: float, what: str):
    """The first true answer within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


def frame(document: dict) -> bytes:
    body = json.dumps(document).encode()
    return struct.pack(">I", len(body)) + body


class WebProcess:
    """`needletail-web` on a data directory."""

    def __init__(self, data_dir: str, *more: str):
        self.process = subprocess.Popen(
            [WEB, "--data-dir", data_dir, "--json", *more], cwd=ROOT,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line, f"needletail-web said: {self.process.stderr.read()}"
        self.url = json.loads(line)["dashboard_url"]

    def stop(self) -> int:
        self.process.terminate()
        status = self.process.wait(timeout=5)
        self.process.stdout.close()
        self.process.stderr.close()
        return status


class PaperBot:
    """Speaks the watch protocol at a socket, and says what it is told to."""

    def __init__(self, data_dir: str):
        self.listener = socket.socket(socket.AF_UNIX)
        path = os.path.join(data_dir, "admin.sock")
        if os.path.exists(path):
            os.unlink(path)
        self.listener.bind(path)
        self.listener.listen(4)
        self.text = {"reset": True, "sections": {}, "series": {}}
        self.running = True
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while self.running:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.watch, args=(client,), daemon=True).start()

    def watch(self, client):
        with client:
            client.recv(4096)
            try:
                client.sendall(frame({"exit": 0, "document": "e30="}))
                while self.running:
                    client.sendall(frame(self.text))
                    time.sleep(0.2)
            except OSError:
                return

    def stop(self):
        self.running = False
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(timeout=5)


class Stage:
    def __enter__(self):
        os.makedirs(SHOTS, exist_ok=True)
        self.problems: list[str] = []
        self.folders: list[str] = []
        self.demo = subprocess.Popen(
            [NEEDLETAIL, "demo", "--seconds", "200", "--no-dashboard", "--json"], cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.data_dir = self.find_directory()
        self.web = WebProcess(self.data_dir)
        self.playwright = sync_playwright().start()
        # A sandbox of its own needs rights that root in a container does not have.
        self.browser = self.playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        self.context = self.browser.new_context(viewport={"width": 1440, "height": 1000})
        self.page = self.open_page(self.context)
        return self

    def __exit__(self, *_):
        for name in ("browser", "playwright", "web"):
            part = getattr(self, name, None)
            if part:
                part.close() if name == "browser" else part.stop()
        self.demo.terminate()
        self.demo.wait(timeout=20)
        self.demo.stderr.close()
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)

    def find_directory(self) -> str:
        for line in self.demo.stderr:
            found = re.search(r"--data-dir (\S+)", line)
            if found:
                # What else it says must not fill the pipe.
                threading.Thread(target=lambda: list(self.demo.stderr), daemon=True).start()
                return found.group(1)
        raise AssertionError("the demo did not say where it is")

    def folder(self) -> str:
        made = tempfile.mkdtemp(prefix="nt-page-")
        self.folders.append(made)
        return made

    def open_page(self, context):
        """A page whose errors and broken policies are remembered."""
        page = context.new_page()
        page.on("console", self.listen)
        page.on("pageerror", lambda e: self.problems.append(f"error: {e}"))
        page.add_init_script("addEventListener('securitypolicyviolation', (e) => "
                             "console.error('policy: ' + e.violatedDirective))")
        return page

    def listen(self, message):
        # Reading pixels is this test's own doing.
        if message.type in ("error", "warning") and "getImageData" not in message.text:
            self.problems.append(f"console {message.type}: {message.text}")

    def command(self, *arguments: str) -> dict:
        done = subprocess.run([NEEDLETAIL, *arguments, "--data-dir", self.data_dir, "--json"],
                              capture_output=True, text=True, timeout=30)
        return json.loads(done.stdout)

    def admin(self, command: str, **arguments: str) -> dict:
        """One request to the bot's admin socket."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(15)
            client.connect(os.path.join(self.data_dir, "admin.sock"))
            client.sendall(frame({"command": command, "arguments": arguments}))
            with client.makefile("rb") as stream:
                length = struct.unpack(">I", stream.read(4))[0]
                return json.loads(stream.read(length))

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()
