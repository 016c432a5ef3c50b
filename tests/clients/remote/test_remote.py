"""Remote servers as mullion runs them: their life, their sessions, and what a session may do."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2] / 'guests'), str(HERE.parents[1] / 'vnc')]
import desktop.guests as guests  # noqa: E402
from lib.mullion import Mullion, expect, run  # noqa: E402
from processes import Process  # noqa: E402
from rfb import DESKTOP_SIZE, EXTENDED_DESKTOP_SIZE, RAW, Client  # noqa: E402
from secure import Refused, SecureClient  # noqa: E402

PATIENCE = 30  # s, for what ought to come at once
BACK_IN = 2  # s, for a server that was killed
LETTER_A = 0x1e  # its key's qnum


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Viewer(Client):
    """Follows the picture."""

    def __init__(self, port):
        super().__init__(port)
        self.set_encodings(RAW, DESKTOP_SIZE, EXTENDED_DESKTOP_SIZE)
        self.request(incremental=False)
        self.read_update()

    def next(self):
        self.request()
        self.read_update()
        return bytes(self.pixels)

    def until_size(self, width, height):
        end = time.monotonic() + PATIENCE
        while (self.width, self.height) != (width, height):
            expect(time.monotonic() < end, f'still {self.width}x{self.height}')
            self.next()

    def changes(self):
        before = bytes(self.pixels)
        while self.next() == before:
            pass

    def stroke(self):
        self.key(ord('a'), True)
        self.key(ord('a'), False)

    def hung_up(self):
        """Whether the server ends the connection within the patience of the socket."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        except TimeoutError:
            return False
        return True


class Scene(Mullion):
    """A mullion with remote servers, and synthetic guests that record what they are told."""

    def __init__(self, *arguments):
        super().__init__('-o', 'LEFT=640x400', *arguments)
        self.programs = self.folder / 'bin'  # where another user may run them from
        self.programs.mkdir()
        shutil.copy(os.environ['MULLION_VNC'], self.programs)
        self.records = self.folder / 'records'
        self.records.mkdir()
        self.records.chmod(0o777)
        (self.folder / 'config/mullion').mkdir(parents=True)
        self.sections = {}

    def configure(self, name, *, protocol='vnc', program='mullion-vnc', **options):
        """Keys with '_' for '-'; lists stand several times."""
        lines = [f'[remote {name}]', f'protocol = {protocol}']
        if program:
            lines.append(f'program = {self.programs / program}')
        for key, value in options.items():
            for one in value if isinstance(value, list) else [value]:
                lines.append(f'{key.replace("_", "-")} = {one}')
        self.sections[name] = '\n'.join(lines) + '\n'
        self.write_configuration()

    def write_configuration(self):
        (self.folder / 'config/mullion/config.ini').write_text('\n'.join(self.sections.values()))

    def add_vnc(self, name, **options):
        """The port of an open server."""
        port = free_port()
        self.configure(name, port=port, no_password='yes', **options)
        return port

    def script(self, name, text):
        path = self.programs / name
        path.write_text('#!/bin/sh\n' + text)
        path.chmod(0o755)

    def remote(self, name):
        for remote in json.loads(self.ctl('remote', 'list', '--json').stdout):
            if remote['name'] == name:
                return remote
        return None

    def sessions(self):
        return json.loads(self.ctl('remote', 'sessions', '--json').stdout)

    def until_sessions(self, count):
        self.until(lambda: len(self.sessions()) == count, f'there are not {count} sessions',
                   PATIENCE)

    def connect(self, port):
        """As soon as the server listens."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return Viewer(port)
            except ConnectionError:
                expect(time.monotonic() < end, 'no server listens')
                time.sleep(0.02)

    def add_guest(self, name, options='pattern=counter,fps=10,mode=320x200'):
        record = self.records / name
        self.ctl('start', self.write_guest(
            name, guests.synthetic(name, f'{options},record={record}')))
        self.until_state(name, 'running')

    def record(self, name):
        return (self.records / name).read_text().splitlines()

    def listening(self, name):
        """Whether the guest's display works for a listener now."""
        told = [line for line in self.record(name) if line.startswith('0 listening ')]
        return told[-1:] == ['0 listening 1']

    def until_record(self, name, line, count=1):
        self.until(lambda: self.record(name).count(line) >= count,
                   f'{name} is not told "{line}"', PATIENCE)


def is_alive(pid):
    try:
        return pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(') ', 1)[1][0] != 'Z'
    except (FileNotFoundError, ProcessLookupError):
        return False


def restart(scene):
    """mullion is killed in the middle of it all, and started again."""
    scene.kill()
    scene.start(*scene.arguments)


def test_server_is_started_killed_and_stopped():
    scene = Scene()
    port = scene.add_vnc('all')
    with scene:
        scene.add_guest('one')
        guest = scene.guest('one')['pid']
        viewer = scene.connect(port)
        scene.until_sessions(1)
        session = scene.sessions()[0]
        expect((session['server'], session['protocol'], session['target'], session['address']) ==
               ('all', 'vnc', 'desktop', '127.0.0.1'), session)
        first = scene.remote('all')
        expect(first['state'] == 'running' and first['sessions'] == 1, first)

        os.kill(first['pid'], signal.SIGKILL)
        killed = time.monotonic()
        expect(viewer.hung_up(), 'a session outlives its server')
        viewer = scene.connect(port)
        viewer.changes()
        late = time.monotonic() - killed
        expect(late < BACK_IN, f'back after {late:.1f} s')
        again = scene.remote('all')
        expect(again['pid'] != first['pid'] and again['restarts'] == 1, again)
        expect('signal 9' in again['reason'], again)
        expect(scene.guest('one')['pid'] == guest, 'the guest was touched')

        scene.ctl('remote', 'stop', 'all')
        expect(viewer.hung_up(), 'a session outlives its server')
        scene.until(lambda: scene.remote('all')['state'] == 'stopped', 'it is not stopped')
        scene.until_sessions(0)
        expect(scene.ctl('remote', 'stop', 'all', check=False).returncode == 1, 'stopped twice')
        scene.ctl('remote', 'start', 'all')
        scene.connect(port).close()
        expect(scene.ctl('remote', 'start', 'all', check=False).returncode == 1, 'started twice')
        pid = scene.remote('all')['pid']
        scene.ctl('quit')
        scene.until(lambda: not is_alive(pid), 'a server outlives mullion', PATIENCE)
        scene.start()  # for its guest


def test_mullion_is_killed():
    scene = Scene()
    port = scene.add_vnc('all', resize='yes')
    stray = scene.add_vnc('stray')
    with scene:
        scene.add_guest('one')
        viewer = scene.connect(port)
        scene.until_sessions(1)
        pid, session = scene.remote('all')['pid'], scene.sessions()[0]['id']
        scene.connect(stray).close()
        stray = scene.remote('stray')['pid']
        del scene.sections['stray']
        scene.write_configuration()
        restart(scene)
        viewer.changes()
        remote = scene.remote('all')
        expect((remote['pid'], remote['restarts'], remote['state']) == (pid, 0, 'running'), remote)
        scene.until(lambda: [s['id'] for s in scene.sessions() if s['connected']] == [session],
                    'the session is not the same', PATIENCE)
        expect(is_alive(pid), 'its process is not the same')
        scene.until(lambda: not is_alive(stray), 'a server without a section goes on', PATIENCE)
        # What was taken over is watched, too.
        os.kill(pid, signal.SIGKILL)
        scene.until(lambda: scene.remote('all')['pid'] not in (0, pid), 'it is not started again')
        # Who is kicked now is not let in again by its old id, either.
        viewer = scene.connect(port)
        scene.until_sessions(1)
        scene.ctl('remote', 'kick', scene.sessions()[0]['id'])
        expect(viewer.hung_up(), 'the kicked client is still there')
        # What was stopped stays so.
        scene.ctl('remote', 'stop', 'all')
        restart(scene)
        expect(scene.remote('all')['state'] == 'stopped', 'it is started by the next mullion')
        scene.ctl('remote', 'start', 'all')
        # Other options: the one that is found is replaced.
        pid = scene.remote('all')['pid']
        scene.configure('all', port=free_port(), no_password='yes')
        restart(scene)
        scene.until(lambda: scene.remote('all')['pid'] not in (0, pid), 'it was not replaced')
        expect(not is_alive(pid), 'the old one is still there')


def test_systemd_passes_the_socket():
    with Scene() as scene:
        scene.add_guest('one')
        port, web = free_port(), free_port()
        activator = subprocess.Popen(
            ['systemd-socket-activate', '-l', f'127.0.0.1:{port}', '-l', f'127.0.0.1:{web}',
             '--fdname=vnc:web', '-E', f'XDG_RUNTIME_DIR={scene.runtime}', os.environ['MULLION_VNC'], '--no-password'],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            viewer = scene.connect(port)
            viewer.changes()
            session, = scene.sessions()
            expect(session['server'] == '', session)
            page = urllib.request.urlopen(f'http://127.0.0.1:{web}/', timeout=PATIENCE).read()
            expect(b'<html' in page, 'there is no page')
            viewer.close()
            expect(activator.poll() is None, 'the server ended')  # it has the activator's pid
        finally:
            activator.terminate()
            activator.wait(PATIENCE)


def test_configuration_is_read_again():
    scene = Scene()
    kept, changed = scene.add_vnc('kept'), scene.add_vnc('changed')
    scene.add_vnc('gone')
    with scene:
        scene.add_guest('one')
        viewer = scene.connect(kept)
        scene.connect(changed).close()
        pids = {name: scene.remote(name)['pid'] for name in scene.sections}
        del scene.sections['gone']
        changed = scene.add_vnc('changed')
        added = scene.add_vnc('added', target='output:LEFT')
        scene.ctl('reload')
        scene.connect(changed).close()
        scene.connect(added).close()
        expect(scene.remote('kept')['pid'] == pids['kept'], 'a server was started again')
        viewer.changes()
        scene.until(lambda: not scene.remote('gone') and not is_alive(pids['gone']),
                    'it still runs', PATIENCE)
        expect(scene.remote('changed')['pid'] != pids['changed'], 'it still has its old options')
        # A mistake changes nothing.
        scene.configure('bad', protocol='rdp', program=None)
        expect('the protocols are' in scene.ctl('reload', check=False).stderr, 'no mistake')
        expect(scene.remote('kept')['pid'] == pids['kept'], 'a server was started again')


def test_servers_that_fail():
    scene = Scene()
    scene.script('wrong', 'exit 2\n')
    scene.script('brief', f'echo x >> {scene.records}/brief; exit 1\n')
    scene.script('stubborn', 'trap "" TERM\nwhile :; do sleep 1; done\n')
    scene.configure('wrong', program='wrong')
    scene.configure('brief', program='brief')
    scene.configure('stubborn', program='stubborn')
    scene.configure('missing', program='missing')
    scene.configure('lazy', program='stubborn', autostart='no')
    with scene:
        scene.until(lambda: scene.remote('wrong')['state'] == 'failed', 'it did not fail')
        expect('status 2' in scene.remote('wrong')['reason'], 'no reason')
        expect(scene.remote('missing')['state'] == 'failed', 'it did not fail')
        expect('No such file' in scene.remote('missing')['reason'], scene.remote('missing'))
        expect(scene.remote('lazy')['state'] == 'stopped', 'it was started')
        scene.until(lambda: scene.remote('brief')['restarts'] >= 3, 'it is not started again')
        time.sleep(1)
        starts = len((scene.records / 'brief').read_text().splitlines())
        expect(starts < 8, f'{starts} starts: no delay')
        scene.ctl('remote', 'stop', 'brief')
        expect(scene.remote('brief')['state'] == 'stopped', 'it is started again')
        expect(scene.ctl('remote', 'start', 'missing', check=False).returncode == 1, 'it started')
        expect(scene.ctl('remote', 'start', 'nobody', check=False).returncode == 1, 'it started')
        # SIGKILL comes after SIGTERM.
        pid = scene.remote('stubborn')['pid']
        scene.ctl('remote', 'stop', 'stubborn')
        expect(scene.remote('stubborn')['state'] == 'stopping', 'it is not being stopped')
        scene.until(lambda: scene.remote('stubborn')['state'] == 'stopped', 'it is not stopped')
        expect(not is_alive(pid), 'it is alive')


def test_kick():
    scene = Scene()
    port = scene.add_vnc('all')
    with scene:
        scene.add_guest('one')
        kicked, other = scene.connect(port), scene.connect(port)
        scene.until_sessions(2)
        ids = [session['id'] for session in scene.sessions()]
        scene.ctl('remote', 'kick', ids[0])
        start = time.monotonic()
        expect(kicked.hung_up(), 'the kicked client is still there')
        expect(time.monotonic() - start < BACK_IN, 'it had too much time')
        expect([session['id'] for session in scene.sessions()] == ids[1:], 'the wrong one is gone')
        other.changes()
        expect(scene.ctl('remote', 'kick', ids[0], check=False).returncode == 1, 'kicked twice')
        expect(scene.remote('all')['restarts'] == 0, 'the server ended')


def test_viewer_only_looks():
    scene = Scene('-l', 'single')
    control = scene.add_vnc('control', target='guest:one', resize='yes')
    view = scene.add_vnc('view', target='guest:one', resize='yes', view_only='yes')
    with scene:
        scene.add_guest('one', 'pattern=counter,fps=10,mode=320x200,follow=on')
        looks, types = scene.connect(view), scene.connect(control)
        rights = {session['server']: session['rights'] for session in scene.sessions()}
        expect(rights == {'control': 7, 'view': 1}, rights)
        before = scene.record('one')
        looks.stroke()
        looks.pointer(5, 6, 1)
        looks.pointer(5, 6, 0)
        looks.set_desktop_size(500, 300)
        looks.changes()  # so it was read
        types.stroke()
        scene.until_record('one', f'0 key {LETTER_A} 0')
        told = [line for line in scene.record('one')[len(before):] if line.split()[1] in
                ('key', 'button', 'move', 'ui')]
        expect(told == [f'0 key {LETTER_A} 1', f'0 key {LETTER_A} 0'], told)
        types.set_desktop_size(500, 300)
        types.until_size(500, 300)
        looks.until_size(500, 300)
        # When they are gone, the guest takes the size of its view again.
        types.close()
        looks.close()
        scene.until(lambda: scene.guest('one')['width'] == 640, 'it keeps its size', PATIENCE)


def test_users():
    """Made by mullionctl; each sees and does what is granted, until removed."""
    with Scene('-l', 'single') as scene:
        scene.add_guest('one')
        for name, *rest in (('anna', '--target', 'guest:*', '--target', 'desktop'),
                            ('ben', '--target', 'guest:one', '--view-only')):
            scene.ctl('remote', 'add-user', name, *rest, input=f"{name}'s\n")
        server = Process([os.environ['MULLION_VNC'], '--users', '--port', '0'], scene.environment)
        try:
            port = int(server.wait_for('mullion-vnc: listening on ').rsplit(':', 1)[1])
            certificate = scene.folder / 'config/mullion/tls/cert.pem'

            def log_in(login, password=None):
                name = login.split('@')[0]
                client = SecureClient(port, login, password or f"{name}'s", certificate)
                client.set_encodings(RAW)
                return client
            anna, ben = log_in('anna@guest:one'), log_in('ben')
            found = {s['user']: (s['target'], s['rights'] & 2) for s in scene.sessions()}
            expect(found == {'anna': ('guest:one', 2), 'ben': ('guest:one', 0)}, found)
            ben.key(ord('b'), True)
            ben.key(ord('b'), False)
            ben.request()
            ben.read_update()
            Viewer.stroke(anna)
            scene.until_record('one', f'0 key {LETTER_A} 0')
            expect(sum(' key ' in line for line in scene.record('one')) == 2, 'ben may type')
            for login, password in (('ben@desktop', None), ('ben', "anna's")):
                try:
                    log_in(login, password)
                except Refused:
                    continue
                raise AssertionError(f'{login} is let in')
            scene.ctl('remote', 'remove-user', 'anna')
            expect(Viewer.hung_up(anna), 'a removed user is still there')
            scene.until(lambda: [s['user'] for s in scene.sessions()] == ['ben'], 'anna is listed')
            try:
                log_in('anna')
            except Refused:
                pass
            else:
                raise AssertionError('a removed user comes back')
            ben.request()
            ben.read_update()
        finally:
            expect(server.stop() == 0, 'the server failed')


def test_hidden_guest_is_reached():
    scene = Scene('-l', 'single')
    port = scene.add_vnc('two', target='guest:two')
    with scene:
        scene.add_guest('one')
        scene.add_guest('two')
        scene.ctl('focus', 'one')
        for hidden_since in ('ever', 'now'):
            if hidden_since == 'now':
                scene.ctl('focus', 'two')
                scene.until(lambda: scene.listening('two'), 'it is shown without a picture')
                scene.ctl('focus', 'one')
            scene.until(lambda: not scene.listening('two'), 'nobody sees it, but it is asked')
            viewer = scene.connect(port)
            viewer.changes()
            viewer.stroke()
            scene.until_record('two', f'0 key {LETTER_A} 0')
            expect(scene.listening('two') and not scene.view('two')['visible'], hidden_since)
            viewer.close()
            scene.until(lambda: not scene.listening('two'), 'the listener is not given back')
        # No output is left at all.
        scene.ctl('output', 'remove', 'LEFT')
        viewer = scene.connect(port)
        viewer.changes()


def test_outputs_are_resized():
    scene = Scene('-o', 'RIGHT=300x200')
    right = scene.add_vnc('right', target='output:RIGHT', resize='yes')
    fixed = scene.add_vnc('fixed', target='output:RIGHT')
    with scene:
        scene.add_guest('one')
        viewer = scene.connect(right)
        viewer.set_desktop_size(420, 240)
        viewer.until_size(420, 240)
        sizes = {o['name']: (o['width'], o['height']) for o in scene.list()['outputs']}
        expect(sizes == {'LEFT': (640, 400), 'RIGHT': (420, 240)}, sizes)
        other = scene.connect(fixed)
        other.set_desktop_size(500, 300)
        while other.resize_answer != (1, 1):  # not allowed
            other.next()
        viewer.set_desktop_size(430, 250)
        other.until_size(430, 250)


def test_a_window_keeps_its_size():
    """Only headless outputs follow a client; the others belong to those who sit before them."""
    with Mullion('-o', 'HOST=900x700') as host:
        scene = Scene('-b', 'wayland')
        socket_ = next(p for p in host.runtime.glob('wayland-*') if p.suffix != '.lock')
        scene.environment['WAYLAND_DISPLAY'] = str(socket_)
        port = scene.add_vnc('all', resize='yes')
        with scene:
            scene.add_guest('one')
            window, = (o for o in scene.list()['outputs'] if not o['headless'])
            viewer = scene.connect(port)
            viewer.set_desktop_size(500, 300)
            viewer.changes()
            viewer.changes()
            expect(scene.list()['outputs'] == [window], scene.list()['outputs'])


def test_door_of_another_user():
    """As root: what is said there is for servers only."""
    if os.geteuid() != 0:
        print('not run: it needs root')
        return
    scene = Scene()
    scene.add_vnc('all')
    with scene:
        folder = scene.runtime / 'mullion'
        door = f'/run/mullion-{os.stat(folder).st_dev:x}-{os.stat(folder).st_ino:x}/mullion'

        def call(*arguments, user='nobody'):
            name, path = 'org.mullion.Control1', '/org/mullion/Control1'
            return subprocess.run(
                ['setpriv', f'--reuid={user}', '--clear-groups', 'busctl',
                 f'--address=unix:path={door}/control', 'call', name, path, name, *arguments],
                capture_output=True, text=True, timeout=PATIENCE)
        expect(call('ListOutputs').stdout.startswith('aa{sv} 1 '), 'servers are refused')
        for method in (['Quit', 'b', 'true'], ['AddGuest', 's', '/x.ini'], ['Reload'],
                       ['StopRemote', 's', 'all'], ['ListRemotes'], ['KickSession', 's', 'x']):
            expect('Access denied' in (error := call(*method).stderr) or
                   "isn't allowed" in error, (method, error))
        expect(call('ListOutputs', user='daemon').returncode != 0, 'anybody may come')
        scene.ctl('remote', 'stop', 'all')
        scene.ctl('quit')
        expect(not os.path.exists(door), 'the folder is left behind')


if __name__ == '__main__':
    run(test_server_is_started_killed_and_stopped, test_mullion_is_killed,
        test_systemd_passes_the_socket, test_configuration_is_read_again, test_servers_that_fail, test_kick,
        test_viewer_only_looks, test_users, test_hidden_guest_is_reached, test_outputs_are_resized,
        test_a_window_keeps_its_size, test_door_of_another_user)
