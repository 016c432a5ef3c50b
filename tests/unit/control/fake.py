"""A running fake_mullion and the ways to talk to it, for the tests of the control bus."""

import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

PATIENCE = 30  # s, for what should come at once


class FakeMullion:
    """Runs fake_mullion in a runtime folder of its own."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(prefix="mullion-test-")
        self.runtime = os.path.join(self.folder.name, "mullion")
        os.mkdir(self.runtime, 0o700)
        self.socket = os.path.join(self.runtime, "control")
        self.address = "unix:path=" + self.socket
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.folder.name, LC_ALL="C.UTF-8")
        # What a sanitizer keeps of freed memory isn't what memory() is to measure.
        sanitizer = os.environ.get("ASAN_OPTIONS", "")
        self.environment["ASAN_OPTIONS"] = sanitizer + ":quarantine_size_mb=1"
        self.program = program
        self.process = None
        self.lines = []
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.program, self.runtime], stdout=subprocess.PIPE, env=self.environment, text=True
        )
        self.lines = []
        self.written = threading.Condition()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        self.wait_for_line("ready")
        self.lines.remove("ready")

    def _read(self):
        for line in self.process.stdout:
            with self.written:
                self.lines.append(line.rstrip("\n"))
                self.written.notify_all()

    def wait_for_line(self, line):
        with self.written:
            if not self.written.wait_for(lambda: line in self.lines, PATIENCE):
                raise AssertionError(f"no {line!r} in {self.lines}")

    def take_lines(self, last):
        """What was written since the last time, up to a line that must come."""
        self.wait_for_line(last)
        with self.written:
            end = len(self.lines) - self.lines[::-1].index(last)
            lines, self.lines = self.lines[:end], self.lines[end:]
        return lines

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        self.process.stdout.close()
        return code

    def finish(self):
        code = self.stop()
        self.folder.cleanup()
        return code

    def memory(self):
        """Resident, in bytes."""
        with open(f"/proc/{self.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


class RawClient:
    """A D-Bus client that reads only when told to."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        uid = str(os.getuid()).encode().hex()
        self.socket.sendall(b"\0AUTH EXTERNAL " + uid.encode() + b"\r\n")
        if not self.socket.recv(256).startswith(b"OK "):
            raise AssertionError("not let in")
        self.socket.sendall(b"BEGIN\r\n")
        self.serial = 0

    def call_bytes(self, member, *strings):
        """A method call of org.mullion.Control1 whose arguments are strings."""
        self.serial += 1
        body = b""
        for text in strings:
            body += b"\0" * (-len(body) % 4) + self._string(text)
        fields = b""
        for code, kind, value in (
            (1, "o", "/org/mullion/Control1"),
            (2, "s", "org.mullion.Control1"),
            (3, "s", member),
            (8, "g", "s" * len(strings)),
        ):
            fields += b"\0" * (-len(fields) % 8)
            fields += struct.pack("<BB", code, 1) + kind.encode() + b"\0"
            if kind == "g":
                fields += struct.pack("<B", len(value)) + value.encode() + b"\0"
            else:
                fields += self._string(value)
        header = struct.pack("<cBBBIII", b"l", 1, 0, 1, len(body), self.serial, len(fields))
        header += fields
        return header + b"\0" * (-len(header) % 8) + body

    @staticmethod
    def _string(text):
        data = text.encode()
        return struct.pack("<I", len(data)) + data + b"\0"

    def call(self, member, *strings):
        self.socket.sendall(self.call_bytes(member, *strings))

    def read_some(self):
        return self.socket.recv(65536)

    def close(self):
        self.socket.close()


def read_available(pipe):
    """What is in the pipe by now, without waiting for more."""
    os.set_blocking(pipe.fileno(), False)
    try:
        return os.read(pipe.fileno(), 65536).decode()
    except BlockingIOError:
        return ""
    finally:
        os.set_blocking(pipe.fileno(), True)


def arguments(names):
    """The programs that the test gets from meson, in order; the rest is unittest's."""
    values = [os.path.abspath(value) for value in sys.argv[1 : 1 + len(names)]]
    if len(values) < len(names):
        sys.exit(f"usage: {sys.argv[0]} {' '.join(names)}")
    del sys.argv[1 : 1 + len(names)]
    return values
