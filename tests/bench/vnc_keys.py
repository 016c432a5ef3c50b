#!/usr/bin/python3
"""From a key of a VNC client to the pixels that it changes in a real guest, which draws through KMS
on virtio-vga: through mullion-vnc, as the guest's own screen and as a part of the desktop; and
beside it QEMU's own VNC server, asked by the same client.

usage: vnc_keys.py [KEYS]
"""
import os
import pathlib
import random
import select
import socket
import statistics
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / 'guests'), str(TESTS / 'clients/vnc')]
from lib import kms_guest  # noqa: E402
from lib.mullion import Mullion  # noqa: E402
from processes import Process  # noqa: E402
from rfb import RAW, Client  # noqa: E402

KEYS = 60


class Viewer(Client):
    asked = False

    def ask(self):
        if not self.asked:
            self.request()
            self.asked = True

    def wait(self, seconds):
        """True if an update came; it has been read then."""
        self.ask()
        if not select.select([self.socket], [], [], seconds)[0]:
            return False
        self.read_update()
        self.asked = False
        self.ask()
        return True

    def rest(self, seconds):
        end = time.monotonic() + seconds
        while self.wait(max(0, end - time.monotonic())):
            pass

    def measure(self):
        """ms from a key to the next update; None if there is none."""
        self.rest(0.15 + random.random() / 20)
        start = time.monotonic()
        self.key(ord('a'), True)
        came = self.wait(3)
        took = (time.monotonic() - start) * 1000
        self.key(ord('a'), False)
        return took if came else None


def measure(name, port, count):
    with Viewer(port) as viewer:
        viewer.set_encodings(RAW)
        viewer.rest(1)
        took = [viewer.measure() for _ in range(count)]
    got = sorted(value for value in took if value is not None)
    if not got:
        sys.exit(f'{name}: no key changed anything')
    print(f'{name:28} {statistics.median(got):8.2f} {got[len(got) * 95 // 100]:8.2f} '
          f'{got[0]:8.2f} {len(got):6}', flush=True)


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return listener.getsockname()[1]


def start_guest(mullion):
    """Returns the port of QEMU's own VNC server."""
    port = max(free_port(), 5900)
    kms_guest.GUEST = kms_guest.GUEST.replace(
        'extra = ', f'extra = -vnc 127.0.0.1:{port - 5900} ')
    kms_guest.KmsGuest(mullion)
    return port


def serve(mullion, *options):
    server = Process([os.environ['MULLION_VNC'], '--no-password', '--port', '0', *options],
                     {'XDG_RUNTIME_DIR': str(mullion.runtime)})
    return server, int(server.wait_for('mullion-vnc: listening on ').rsplit(':', 1)[1])


def main():
    kms_guest.skip_without_kernel()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else KEYS
    print(f'repeat with: MULLION_VNC={os.environ["MULLION_VNC"]} '
          f'MULLION_BUILD={os.environ["MULLION_BUILD"]} {sys.argv[0]} {count}')
    print(f'{"key to pixel, ms":28} {"median":>8} {"95 %":>8} {"least":>8} {"keys":>6}')
    with Mullion('-o', 'LEFT=1280x800', '-l', 'single') as mullion:
        qemu = start_guest(mullion)
        servers = [serve(mullion, '--guest', 'kms'), serve(mullion)]
        for _ in range(2):
            for name, (_, port) in zip(('guest', 'desktop'), servers):
                measure(f'mullion-vnc, {name}', port, count)
            measure('QEMU', qemu, count)
        for server, _ in servers:
            server.stop()


if __name__ == '__main__':
    main()
