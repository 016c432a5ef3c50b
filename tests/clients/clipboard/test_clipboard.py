"""Text copied on the desktop is pasted by a VNC client, and back; a client that may only look has
no part in it."""
import os
import pathlib
import struct
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2] / 'guests'),
                str(pathlib.Path(__file__).resolve().parents[1] / 'vnc')]
from lib.mullion import Mullion, expect  # noqa: E402
from processes import Process  # noqa: E402
from rfb import Client  # noqa: E402

TEXT = 'From the desktop: gr\u00f6\u00dfer'
BACK = 'From afar: \u00fcber'


class Viewer(Client):
    """Takes texts in Latin-1, as old clients do, and asks for no picture."""

    def read_text(self):
        kind, length = self.unpack('BxxxI')
        assert kind == 3, kind
        return self.read(length).decode('latin-1')

    def copy(self, text):
        data = text.encode('latin-1')
        self.socket.sendall(struct.pack('>BxxxI', 6, len(data)) + data)


class Desktop:
    def __init__(self, mullion):
        self.mullion = mullion
        self.environment = {**mullion.environment, 'WAYLAND_DISPLAY': 'wayland-0'}
        self.owner = None

    def copy(self, text):
        self.finish()
        self.owner = subprocess.Popen(['wl-copy', '--foreground', '--', text],
                                      env=self.environment, stdin=subprocess.DEVNULL)

    def paste(self):
        done = subprocess.run(['wl-paste', '--no-newline'], env=self.environment, timeout=30,
                              capture_output=True, text=True)
        return done.stdout

    def finish(self):
        if self.owner:
            self.owner.terminate()
            self.owner.wait()
            self.owner = None


def serve(mullion, *options):
    server = Process([os.environ['MULLION_VNC'], '--port', '0', *options],
                     {'XDG_RUNTIME_DIR': str(mullion.runtime)})
    port = int(server.wait_for('mullion-vnc: listening on ').rsplit(':', 1)[1])
    return server, port, (mullion.runtime / 'mullion/vnc-password').read_text().strip()


def main():
    with Mullion('-o', 'LEFT=320x200') as mullion:
        desktop = Desktop(mullion)
        server, port, password = serve(mullion)
        try:
            desktop.copy(TEXT)
            mullion.until(lambda: desktop.paste() == TEXT, 'nothing was copied at all')
            with Viewer(port, password) as one, Viewer(port, password) as other:
                for viewer in (one, other):  # what was there when they came
                    got = viewer.read_text()
                    expect(got == TEXT, f'a client got {got!r}')
                desktop.copy('again')
                for viewer in (one, other):
                    expect(viewer.read_text() == 'again', 'a client missed a change')
                one.copy(BACK)
                mullion.until(lambda: desktop.paste() == BACK, 'the desktop got no text')
                expect(other.read_text() == BACK, 'another client got no text')
                one.copy('x' * 65536)
                mullion.until(lambda: len(desktop.paste()) == 65536, 'no long text')
                one.copy('y' * 65537)  # too long: dropped
                one.copy('end')
                mullion.until(lambda: desktop.paste() == 'end', 'nothing after a text too long')
            desktop.copy('at last')
            mullion.until(lambda: desktop.paste() == 'at last', 'the desktop copies no more')
        finally:
            desktop.finish()
            server.stop()


if __name__ == '__main__':
    main()
