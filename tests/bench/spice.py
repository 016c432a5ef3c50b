"""mullion-spice's CPU time and bytes for each picture of 1920x1080, of which all or a tenth changes,
as a client gets them that reads at once; in ratios to a memcpy of such a picture.

usage: spice.py MULLION-SPICE VNC-LOAD [SECONDS]"""
import ctypes
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'clients/spice'))
from spice import Client  # noqa: E402

FRAME = 1920 * 1080 * 4  # bytes
RATE = 30
SET_ACK, PING, PONG, ACK_SYNC, ACK = 3, 4, 3, 1, 2
DRAWS = range(302, 314)
VIDEO = (123, 316)


def cpu(pid):
    """Seconds of all threads."""
    total = 0
    for task in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{task}/schedstat', encoding='ascii') as file:
            total += int(file.read().split()[0])
    return total / 1e9


def copy_time():
    """Of one picture, into 24 destinations in turn."""
    source = ctypes.create_string_buffer(os.urandom(FRAME), FRAME)
    targets = [ctypes.create_string_buffer(FRAME) for _ in range(24)]
    begin = time.process_time()
    for i in range(72):
        ctypes.memmove(targets[i % 24], source, FRAME)
    return (time.process_time() - begin) / 72


class Reader(threading.Thread):
    """Reads and counts; answers what has to be answered."""

    def __init__(self, channel):
        super().__init__(daemon=True)
        self.channel, self.bytes, self.pieces, self.window, self.seen = channel, 0, 0, 0, 0
        self.sink = bytearray(1 << 20)
        channel.stream.settimeout(None)
        self.start()

    def skip(self, size):
        while size > 0:
            size -= self.channel.stream.recv_into(self.sink, min(size, len(self.sink)))

    def run(self):
        try:
            while True:
                kind, size = struct.unpack('<HI', self.channel.read(6))
                self.bytes += 6 + size
                if kind == SET_ACK:
                    generation, self.window = struct.unpack('<II', self.channel.read(size))
                    self.channel.send(ACK_SYNC, struct.pack('<I', generation))
                    continue
                if kind == PING:
                    self.channel.send(PONG, self.channel.read(size)[:12])
                else:
                    self.skip(size)
                self.pieces += kind in DRAWS or kind in VIDEO
                self.seen += 1
                if self.window and self.seen % self.window == 0:
                    self.channel.send(ACK)
        except (EOFError, OSError, struct.error):
            pass


def measure(server, load, mode, options, seconds):
    with tempfile.TemporaryDirectory(prefix='mullion-bench-') as folder:
        runtime = os.path.join(folder, 'mullion')
        os.mkdir(runtime, 0o700)
        env = {**os.environ, 'XDG_RUNTIME_DIR': folder}
        desktop = subprocess.Popen([load, runtime, mode, str(RATE)], env=env,
                                   stdout=subprocess.DEVNULL)
        while not os.path.exists(os.path.join(runtime, 'control')):
            time.sleep(0.05)
        process = subprocess.Popen([server, '--listen', '127.0.0.1:0', '--no-password', '--jpeg',
                                    'never', *options], env=env, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        try:
            port = int(process.stdout.readline().split()[3].rpartition(':')[2])
            with open(f'/proc/{process.pid}/task/{process.pid}/children',
                      encoding='ascii') as file:
                session = int(file.read().split()[0])
            with Client(port, '') as client:
                reader = Reader(client.open_display())
                time.sleep(2)
                before = cpu(session), reader.bytes, reader.pieces, time.monotonic()
                time.sleep(seconds)
                after = cpu(session), reader.bytes, reader.pieces, time.monotonic()
                return [b - a for a, b in zip(before, after)]
        finally:
            for child in (process, desktop):
                child.terminate()
                child.wait()


def main():
    server, load = sys.argv[1:3]
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 6
    print('sent    options           pictures/s  CPU ms  x memcpy  MB a picture')
    for mode in ('full', 'tenth', 'still'):
        for options in (['--compression', 'off', '--video', 'off'],
                        ['--compression', 'lz4', '--video', 'off'],
                        ['--compression', 'auto-glz', '--video', 'off'],
                        ['--compression', 'auto-glz', '--video', 'all']):
            copy = copy_time()
            used, got, pieces, took = measure(server, load, mode, options, seconds)
            name = 'video' if options[3] == 'all' else options[1]
            each = max(pieces, 1)
            print(f'{mode:7} {name:17} {pieces / took:10.1f} {1000 * used / each:7.2f} '
                  f'{used / each / copy:9.2f} {got / each / 1e6:13.3f}', flush=True)
    print('repeat it alone:', *sys.argv)


main()
