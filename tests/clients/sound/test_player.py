"""mullion-sound plays a tone on a PipeWire of its own, whose sink leads nowhere; what is recorded
there has the tone's frequency."""
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2] / 'guests' / 'sound'),
                str(pathlib.Path(__file__).resolve().parents[1] / 'vnc')]
from processes import Process  # noqa: E402
from test_sound import tone_windows  # noqa: E402

PROGRAMS = ('pipewire', 'wireplumber', 'pw-cli', 'pw-record', 'dbus-run-session')
SINK = ('{ factory.name=support.null-audio-sink node.name=nowhere media.class=Audio/Sink '
        'object.linger=true audio.position=[FL FR] audio.rate=48000 }')
PATIENCE = 30  # s


def until(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def names(env):
    return subprocess.run(['pw-cli', 'ls', 'Node'], env=env, capture_output=True, text=True,
                          timeout=PATIENCE, check=False).stdout


def record(env, folder):
    """Some seconds of what the sink gets, as samples of the left side."""
    path = folder / 'heard.raw'
    with subprocess.Popen(['pw-record', '--target', 'nowhere', '-P', '{ stream.capture.sink=true }',
                           '--rate', '48000', '--channels', '2', '--format', 's16', str(path)],
                          env=env) as recorder:
        until(lambda: path.exists() and path.stat().st_size > 6 * 48000 * 4, 'nothing is recorded')
        recorder.terminate()
    data = path.read_bytes()[44:]
    data = data[:len(data) // 4 * 4]
    return [left / 32768 for left, _ in struct.iter_unpack('<hh', data)]


def main():
    if not all(shutil.which(program) for program in PROGRAMS):
        print('no PipeWire here')
        raise SystemExit(77)
    with tempfile.TemporaryDirectory(prefix='mullion-test-') as name:
        folder = pathlib.Path(name)
        (folder / 'mullion').mkdir(mode=0o700)
        env = {**os.environ, 'XDG_RUNTIME_DIR': name, 'XDG_STATE_HOME': name + '/state',
               'XDG_CONFIG_HOME': name + '/config', 'HOME': name}
        daemons = [subprocess.Popen([program], env=env, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL) for program in PROGRAMS[:2]]
        desktop = player = None
        try:
            until(lambda: 'node' in names(env), 'no PipeWire')
            subprocess.run(['pw-cli', 'create-node', 'adapter', SINK], env=env, check=True,
                           stdout=subprocess.DEVNULL, timeout=PATIENCE)
            until(lambda: 'nowhere' in names(env), 'no sink')
            desktop = Process([os.environ['FAKE_DESKTOP'], name + '/mullion'], env)
            desktop.wait_for('ready')
            player = Process([os.environ['MULLION_SOUND']], env)
            until(lambda: '"mullion"' in names(env), 'mullion-sound does not come')
            desktop.send('tone 1000 20000')
            for _ in range(6):  # until the session manager has linked the player to the sink
                good, loud = tone_windows(record(env, folder), 48000, 1000)
                if loud > 20:
                    break
            print(f'{good} of {loud} windows hold 1000 Hz alone')
            assert loud > 20 and good > 0.6 * loud, 'no tone of 1000 Hz'
        finally:
            status = player.stop() if player else 0
            if desktop:
                desktop.stop()
            for daemon in daemons:
                daemon.terminate()
                daemon.wait()
        assert status == 0, status


if __name__ == '__main__':
    main()
