"""Starts what the tests need in a runtime folder of its own, and reads what it says."""
import os
import queue
import subprocess
import tempfile
import threading

TIMEOUT = 30  # seconds for what ought to come at once


class Process:
    """A program whose lines can be waited for."""

    def __init__(self, args, env=None, name=None):
        self.name = name or os.path.basename(args[0])
        self.process = subprocess.Popen(
            args, env={**os.environ, **(env or {})}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1)
        self.lines, self.said = queue.Queue(), []
        self.errors, self.complaints = queue.Queue(), []
        self.threads = [threading.Thread(target=self._read, args=a, daemon=True) for a in (
            (self.process.stdout, self.lines, self.said),
            (self.process.stderr, self.errors, self.complaints))]
        for thread in self.threads:
            thread.start()

    def _read(self, stream, into, kept):
        for line in stream:
            kept.append(line.rstrip('\n'))
            into.put(line.rstrip('\n'))
        into.put(None)

    def send(self, line):
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()

    @staticmethod
    def _wait(lines, name, start, kept):
        while True:
            line = lines.get(timeout=TIMEOUT)
            if line is None:
                raise AssertionError(f'{name} ended; it said {kept}')
            if line.startswith(start):
                return line

    def wait_for(self, start):
        """The next line that begins so; those before it are skipped."""
        return self._wait(self.lines, self.name, start, self.said)

    def wait_for_error(self, start):
        return self._wait(self.errors, self.name, start, self.complaints)

    def drain(self):
        while not self.lines.empty():
            self.lines.get()

    def stop(self):
        """The exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        status = self.process.wait(timeout=TIMEOUT)
        for thread in self.threads:
            thread.join(timeout=TIMEOUT)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
        return status


class Stage:
    """A fake desktop and a VNC server of it."""

    def __init__(self, options=(), desktop=True):
        self.folder = tempfile.TemporaryDirectory(prefix='mullion-test-')
        self.env = {'XDG_RUNTIME_DIR': self.folder.name}
        self.runtime = os.path.join(self.folder.name, 'mullion')
        os.mkdir(self.runtime, 0o700)
        self.desktop = self.server = None
        try:
            if desktop:
                self.start_desktop()
            self.start_server(options)
        except BaseException:
            self.close()
            raise

    def start_desktop(self):
        self.desktop = Process([os.environ['FAKE_DESKTOP'], self.runtime], self.env)
        self.desktop.wait_for('ready')

    def start_server(self, options):
        self.server = Process([os.environ['MULLION_VNC'], '--port', '0', *options], self.env)
        line = self.server.wait_for('mullion-vnc: listening on ')
        self.port = int(line.rsplit(':', 1)[1])

    def do(self, command):
        self.desktop.send(command)
        self.desktop.wait_for('done')

    @property
    def password(self):
        with open(os.path.join(self.runtime, 'vnc-password'), encoding='ascii') as file:
            return file.read().strip()

    def close(self):
        statuses = [process.stop() for process in (self.server, self.desktop) if process]
        self.folder.cleanup()
        if self.server and statuses[0] != 0:
            raise AssertionError(
                f'mullion-vnc ended with {statuses[0]}: {self.server.complaints}')
        for line in self.server.complaints if self.server else []:
            if 'Sanitizer' in line or 'runtime error' in line or 'by signal' in line:
                raise AssertionError('\n'.join(self.server.complaints))

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
