"""A mullion of a test's own: headless, in a runtime folder of its own, driven by mullionctl."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from lib import paths, png

PATIENCE = float(os.environ.get('MULLION_PATIENCE', 240))  # s, for guests on a slow machine


class Failed(Exception):
    """What a test expected did not come."""


def expect(condition, text):
    if not condition:
        raise Failed(text)


class Mullion:
    """Use it as a context: what was started is stopped, and the logs are shown on failure."""

    def __init__(self, *arguments):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='mullion-test-'))
        os.chmod(self.folder, 0o755)  # guests that run as another user read from it
        self.runtime = self.folder / 'run'
        self.runtime.mkdir(mode=0o700)
        self.log = self.folder / 'log'
        self.arguments = arguments
        self.environment = {**os.environ, 'XDG_RUNTIME_DIR': str(self.runtime),
                            'XDG_STATE_HOME': str(self.folder / 'state'),
                            'XDG_CONFIG_HOME': str(self.folder / 'config')}
        # So that the memory of a sanitized mullion is its own, and not what waits to be freed.
        sanitizer = self.environment.get('ASAN_OPTIONS', '')
        self.environment['ASAN_OPTIONS'] = f'{sanitizer}:quarantine_size_mb=16'
        for name in ('WAYLAND_DISPLAY', 'DISPLAY'):
            self.environment.pop(name, None)
        self.process = None
        self.guest_pids = set()

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that guests end with a time-out
        try:
            self.start(*self.arguments)
        except Exception:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, value, trace):
        if self.running():
            self.note_guests()
            self.ctl('quit', '--stop-guests', check=False)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        for pid in self.guest_pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if kind:
            self.show_logs()
        shutil.rmtree(self.folder, ignore_errors=True)

    def show_logs(self):
        print('--- mullion said:', self.log.read_text(errors='replace')[-8000:], sep='\n')
        for file in sorted(self.runtime.glob('mullion/guests/*/stderr')):
            print(f'--- {file.parent.name}:', file.read_text(errors='replace')[-2000:], sep='\n')
        for file in sorted(self.folder.glob('*/serial')):
            print('--- a serial port:', file.read_text(errors='replace')[-2000:], sep='\n')

    def running(self):
        return self.process and self.process.poll() is None

    def start(self, *arguments):
        """Starts mullion and waits for its first commands to be answered."""
        with open(self.log, 'a') as log:
            self.process = subprocess.Popen(
                [paths.BUILD / 'compositor/mullion', '-b', 'headless', *map(str, arguments)],
                env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while self.ctl('status', check=False).returncode != 0:
            expect(self.running(), 'mullion ended at its start')
            expect(time.monotonic() < end, 'mullion does not answer')
            time.sleep(0.02)
        self.note_guests()

    def kill(self):
        self.note_guests()
        self.process.kill()
        self.process.wait()

    def note_guests(self):
        listed = self.ctl('list', '--json', check=False)
        if listed.returncode == 0:
            self.guest_pids |= {g['pid'] for g in json.loads(listed.stdout)['guests'] if g['pid']}

    def ctl(self, *arguments, check=True, timeout=PATIENCE, **options):
        done = subprocess.run(
            [paths.BUILD / 'control/mullionctl/mullionctl', *map(str, arguments)],
            env=self.environment, capture_output=True, text=True, timeout=timeout, **options)
        if check:
            expect(done.returncode == 0,
                   f'mullionctl {" ".join(map(str, arguments))}: {done.returncode} {done.stderr}')
        return done

    def list(self):
        listed = json.loads(self.ctl('list', '--json').stdout)
        self.guest_pids |= {guest['pid'] for guest in listed['guests'] if guest['pid']}
        return listed

    def view(self, name):
        for view in self.list()['views']:
            if view['id'] == name:
                return view
        raise Failed(f'there is no view {name}')

    def guest(self, name):
        for guest in self.list()['guests']:
            if guest['name'] == name:
                return guest
        raise Failed(f'there is no guest {name}')

    def screenshot(self, *arguments):
        path = self.folder / 'screenshot.png'
        self.ctl('screenshot', *arguments, path)
        return png.read(path)

    def until(self, what, text, patience=PATIENCE):
        """Calls `what` until it returns something true, which is returned."""
        end = time.monotonic() + patience
        while True:
            value = what()
            if value:
                return value
            expect(time.monotonic() < end, text)
            time.sleep(0.1)

    def until_state(self, guest, state):
        self.until(lambda: self.guest(guest)['state'] == state, f'{guest} does not become {state}')

    def still(self, *arguments, milliseconds=1500):
        self.ctl('wait', '--still', milliseconds, '--timeout', int(PATIENCE), *arguments,
                 timeout=PATIENCE + 30)

    def spawn(self, *command):
        """A Wayland client of this mullion."""
        socket = next(p for p in self.runtime.glob('wayland-*') if p.suffix != '.lock')
        with open(self.folder / 'clients', 'a') as log:
            return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.PIPE,
                                    env={**self.environment, 'WAYLAND_DISPLAY': socket.name})

    def share(self, path):
        """The path of a copy that other users can read: the tree may be in root's own folder."""
        copy = self.folder / 'shared' / path.name
        if not copy.exists():
            copy.parent.mkdir(exist_ok=True)
            shutil.copy(path, copy)
        return copy

    def write_guest(self, name, text):
        path = self.folder / f'{name}.ini'
        program = str(paths.SYNTHETIC_GUEST)
        if program in text:
            text = text.replace(program, str(self.share(paths.SYNTHETIC_GUEST)))
        path.write_text(text)
        return path


def run(*tests):
    """Runs test functions, each with a line of its own; ends with meson's status."""
    wanted = sys.argv[1:]
    failed = False
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        begin = time.monotonic()
        try:
            test()
            print(f'ok {test.__name__} ({time.monotonic() - begin:.1f} s)', flush=True)
        except Exception as error:  # every failure is shown, and the next test runs
            failed = True
            print(f'not ok {test.__name__}: {type(error).__name__}: {error}', flush=True)
    sys.exit(1 if failed else 0)
