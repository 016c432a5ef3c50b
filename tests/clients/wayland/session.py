"""A headless mullion of its own for a test, clients that do as they are told, and pictures."""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

TIMEOUT = 30


class Picture:
    def __init__(self, ppm):
        kind, size, depth, self.pixels = ppm.split(b"\n", 3)
        if kind != b"P6" or depth != b"255":
            raise ValueError("not a picture")
        self.width, self.height = map(int, size.split())

    def at(self, x, y):
        start = (y * self.width + x) * 3
        return tuple(self.pixels[start : start + 3])


class Lines:
    """The lines that a process writes, awaited by pattern."""

    def __init__(self, fd, who):
        self.fd, self.who, self.lines, self.rest = fd, who, [], b""

    def read(self, timeout):
        if not select.select([self.fd], [], [], timeout)[0]:
            return False
        data = os.read(self.fd, 65536)
        if not data:
            raise EOFError(f"{self.who} ended; it said:\n" + "\n".join(self.lines[-20:]))
        *whole, self.rest = (self.rest + data).split(b"\n")
        self.lines += [line.decode(errors="replace") for line in whole]
        return True

    def expect(self, pattern, timeout=TIMEOUT):
        """The match of the first line that fits; it and those before it are forgotten."""
        end = time.monotonic() + timeout
        while True:
            for number, line in enumerate(self.lines):
                match = re.fullmatch(pattern, line)
                if match:
                    del self.lines[: number + 1]
                    return match
            left = end - time.monotonic()
            if left <= 0 or not self.read(left):
                said = "\n".join(self.lines[-30:])
                raise AssertionError(f"{self.who} never said {pattern!r}, but:\n{said}")

    def drain(self):
        while self.read(0):
            pass
        lines, self.lines = self.lines, []
        return lines


class App(Lines):
    """tests/clients/wayland/commands.c lists what can be told to it."""

    def __init__(self, session, environment=None):
        self.process = subprocess.Popen(
            [session.client],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**session.environment, **(environment or {})},
        )
        super().__init__(self.process.stdout.fileno(), "the client")
        self.globals = {}
        self.syncs = 0
        while "ready" not in self.lines:
            if not self.read(TIMEOUT):
                raise AssertionError("the client doesn't start")
        for line in self.drain():
            if line.startswith("global "):
                self.globals[line.split()[1]] = int(line.split()[2])

    def tell(self, *commands):
        for command in commands:
            self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()

    def sync(self):
        """What was told has happened; returns what was said meanwhile."""
        self.syncs += 1
        self.tell(f"sync {self.syncs}")
        end = time.monotonic() + TIMEOUT
        while f"synced {self.syncs}" not in self.lines:
            if not self.read(max(0, end - time.monotonic())):
                raise AssertionError("the server doesn't answer")
        lines, self.lines = self.lines, []
        return lines

    def end(self):
        self.process.stdin.close()
        self.process.wait(TIMEOUT)
        self.process.stdout.close()


class Session:
    """`with Session(...) as session`: at the end mullion must leave by itself, without complaint."""

    def __init__(self, *options, outputs=("A=800x600",), environment=None):
        build = os.environ["MULLION_BUILD"]
        self.mullion = os.path.join(build, "compositor", "mullion")
        self.mullionctl = os.path.join(build, "control", "mullionctl", "mullionctl")
        self.client = os.path.join(build, "tests", "clients", "wayland", "wayland-client")
        self.folder = tempfile.mkdtemp(prefix="mullion-client-")
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("WAYLAND_DISPLAY", "DISPLAY", "WAYLAND_SOCKET")
        }
        self.environment.update(
            XDG_RUNTIME_DIR=self.folder, XDG_CONFIG_HOME=self.folder, **(environment or {})
        )
        # So that the memory of a sanitized mullion is its own, and not what waits to be freed.
        sanitizer = self.environment.get("ASAN_OPTIONS", "")
        self.environment["ASAN_OPTIONS"] = f"{sanitizer}:quarantine_size_mb=4"
        words = [self.mullion, "-b", "headless", "-r", "pixman", "-f", "-n", *options]
        for output in outputs:
            words += ["-o", output]
        self.process = subprocess.Popen(words, stderr=subprocess.PIPE, env=self.environment)
        self.log = Lines(self.process.stderr.fileno(), "mullion")
        self.children = []

    def __enter__(self):
        try:
            ready = self.log.expect(r".*ready: WAYLAND_DISPLAY=(\S+), .*")
        except (AssertionError, EOFError):
            self.process.kill()
            raise
        self.environment["WAYLAND_DISPLAY"] = ready.group(1)
        return self

    def __exit__(self, kind, *_):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
        self.process.send_signal(signal.SIGTERM)
        try:
            said = self.process.communicate(timeout=TIMEOUT)[1].decode(errors="replace")
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("mullion doesn't leave") from None
        finally:
            self.process.stderr.close()
            shutil.rmtree(self.folder, ignore_errors=True)
        status = self.process.returncode
        said = "\n".join(self.log.lines) + said
        if kind or status != 0 or "ERROR: " in said or "runtime error" in said:
            print(said, file=sys.stderr)
        if not kind:
            assert status == 0, f"mullion ended with {status}"
            assert "ERROR: " not in said and "runtime error" not in said, "a sanitizer complains"

    def ctl(self, *words):
        result = subprocess.run(
            [self.mullionctl, *map(str, words)], env=self.environment, text=True,
            capture_output=True, timeout=TIMEOUT, check=False,
        )
        assert result.returncode == 0, f"mullionctl {words}: {result.stderr}"
        return result.stdout

    def list(self):
        """Guests, views and outputs, as `mullionctl list --json` has them."""
        return json.loads(self.ctl("list", "--json"))

    def layout(self, output="A"):
        return next(o["layout"] for o in self.list()["outputs"] if o["name"] == output)

    def run(self, *words, environment=None):
        """A client that isn't ours, killed at the end."""
        child = subprocess.Popen(
            words, env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )
        self.children.append(child)
        return child

    def picture(self, output="A"):
        shot = subprocess.run(
            ["grim", "-t", "ppm", "-o", output, "-"],
            env=self.environment, capture_output=True, timeout=TIMEOUT, check=True,
        )
        return Picture(shot.stdout)

    def wait_for_pixel(self, x, y, wanted, output="A", tolerance=1):
        end = time.monotonic() + TIMEOUT
        while True:
            picture = self.picture(output)
            found = picture.at(x, y)
            if all(abs(a - b) <= tolerance for a, b in zip(found, wanted)):
                return picture
            if time.monotonic() > end:
                raise AssertionError(f"{output} {x},{y} is {found}, not {wanted}")
            time.sleep(0.05)

    def wait_for_views(self, count):
        end = time.monotonic() + TIMEOUT
        while True:
            views = self.list()["views"]
            if len(views) == count:
                return views
            if time.monotonic() > end:
                raise AssertionError(f"expected {count} views: {views}")
            time.sleep(0.05)


def main(cases):
    """Runs the functions of a module whose names begin with test_; those named on the command line."""
    failed = []
    for name, case in list(cases.items()):
        if not name.startswith("test_") or (sys.argv[1:] and name not in sys.argv[1:]):
            continue
        try:
            case()
            print("ok", name, flush=True)
        except (AssertionError, EOFError, subprocess.SubprocessError):
            traceback.print_exc()
            print("FAILED", name, flush=True)
            failed.append(name)
    sys.exit(1 if failed else 0)
