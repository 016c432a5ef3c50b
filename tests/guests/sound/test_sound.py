"""What a guest plays is heard by a VNC client of the guest, and by one of the desktop; its clipboard
crosses to the desktop and back when keys say so."""
import math
import os
import pathlib
import select
import struct
import subprocess
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1]),
                str(pathlib.Path(__file__).resolve().parents[2] / 'clients' / 'vnc')]
from lib import initramfs  # noqa: E402
from lib.kms_guest import skip_without_kernel  # noqa: E402
from lib.mullion import PATIENCE, Mullion, expect  # noqa: E402
from processes import Process  # noqa: E402
from rfb import RAW, Client  # noqa: E402

GUEST = '''[guest]
name = tone
[machine]
memory = 192
[boot]
kernel = {kernel}
initrd = {initrd}
append = quiet
[network]
mode = none
[display]
device = VGA
[qemu]
extra = -serial file:{serial}
'''
AUDIO, QEMU, ENABLE, DISABLE, FORMAT = -259, 255, 0, 1, 2
END, BEGIN, DATA = 0, 1, 2
FORMS = {0: ('<%dB', 128, 128), 3: ('<%dh', 0, 32768), 5: ('<%di', 0, 1 << 31)}
WINDOW = 0.02  # s


class Ear(Client):
    """A client that asks for no picture, so that all that comes is sound."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.offered, self.begun, self.pcm = False, 0, b''
        self.set_encodings(RAW, AUDIO)
        self.request()
        while not self.offered:
            self.read_update()

    def _rectangle(self, x, y, width, height, encoding):
        if encoding == AUDIO:
            self.offered = True
        else:
            super()._rectangle(x, y, width, height, encoding)

    def ask(self, sample, channels, rate):
        self.sample, self.channels, self.rate = sample, channels, rate
        self.send('BBHBBI', QEMU, 1, FORMAT, sample, channels, rate)
        self.send('BBH', QEMU, 1, ENABLE)

    def listen(self, seconds):
        """Until that much sound is there."""
        form, _, _ = FORMS[self.sample]
        size = struct.calcsize(form % 1) * self.channels
        while len(self.pcm) < seconds * self.rate * size:
            kind, subtype, operation = self.unpack('BBH')
            assert (kind, subtype) == (QEMU, 1), (kind, subtype)
            if operation == DATA:
                self.pcm += self.read(self.unpack('I')[0])
            else:
                self.begun += 1 if operation == BEGIN else -1
        expect(self.begun == 1, 'no begin before the sound')

    def samples(self):
        """Of the left side, from -1 to 1."""
        form, middle, full = FORMS[self.sample]
        size = struct.calcsize(form % 1)
        values = struct.unpack(form % (len(self.pcm) // size), self.pcm)
        return [(value - middle) / full for value in values[::self.channels]]


def strength(samples, rate, frequency):
    """Goertzel's: the amplitude of that frequency."""
    turn = 2 * math.cos(2 * math.pi * frequency / rate)
    before = now = 0.0
    for sample in samples:
        before, now = now, sample + turn * now - before
    return 2 * math.sqrt(max(0, now * now + before * before - turn * now * before)) / len(samples)


def tone_windows(samples, rate, frequency):
    """How many windows hold that tone and no other, of those that aren't silent."""
    size = int(rate * WINDOW)
    good = loud = 0
    for start in range(0, len(samples) - size, size):
        window = samples[start:start + size]
        if max(map(abs, window)) < 0.02:
            continue
        loud += 1
        wanted = strength(window, rate, frequency)
        others = max(strength(window, rate, other) for other in (500, 1500, 2000, 3000))
        good += wanted > 4 * others
    return good, loud


def check(ear, what, frequency=1000):
    ear.listen(3)
    good, loud = tone_windows(ear.samples(), ear.rate, frequency)
    print(f'{what}: {good} of {loud} windows hold {frequency} Hz alone')
    # On a slow machine the sound is torn at places.
    expect(loud >= 20 and good > 0.6 * loud, f'{what}: no tone of {frequency} Hz')


def listening_server(mullion, *options):
    server = Process([os.environ['MULLION_VNC'], '--port', '0', *options],
                     {'XDG_RUNTIME_DIR': str(mullion.runtime)})
    port = int(server.wait_for('mullion-vnc: listening on ').rsplit(':', 1)[1])
    return server, port, (mullion.runtime / 'mullion/vnc-password').read_text().strip()


def start_guest(mullion):
    folder = mullion.folder / 'tone-files'
    folder.mkdir()
    os.chmod(folder, 0o777)  # QEMU may run as another user
    serial = folder / 'serial'
    mullion.ctl('start', mullion.write_guest('tone', GUEST.format(
        serial=serial, kernel=mullion.share(initramfs.kernel()),
        initrd=mullion.share(initramfs.build('sound')))))
    mullion.until(lambda: serial.exists() and 'PLAYING' in serial.read_text(errors='replace'),
                  'the guest does not play', PATIENCE)


def check_clipboard(mullion):
    serial = mullion.folder / 'tone-files' / 'serial'
    environment = {**mullion.environment, 'WAYLAND_DISPLAY': 'wayland-0'}

    def paste():
        return subprocess.run(['wl-paste', '--no-newline'], env=environment, timeout=60,
                              capture_output=True, text=True).stdout
    mullion.until(lambda: 'AGENT' in serial.read_text(errors='replace'), 'no agent', PATIENCE)
    expect(paste() == '', 'the text of a guest crossed by itself')
    mullion.ctl('focus', 'tone')

    def copied():
        mullion.ctl('key', 'super+shift+c')
        return paste() == 'from the guest'
    mullion.until(copied, 'the guest did not copy to the desktop')
    owner = subprocess.Popen(['wl-copy', '--foreground', '--', 'to the guest'], env=environment,
                             stdin=subprocess.DEVNULL)
    try:
        mullion.until(lambda: paste() == 'to the guest', 'the desktop copies nothing')
        expect('PASTED' not in serial.read_text(errors='replace'), 'pasted without a key')
        mullion.ctl('focus', 'tone')
        mullion.ctl('key', 'super+shift+v')
        mullion.until(lambda: 'PASTED to the guest' in serial.read_text(errors='replace'),
                      'nothing was pasted in the guest')
    finally:
        owner.terminate()
        owner.wait()


def main():
    skip_without_kernel()
    with Mullion('-o', 'LEFT=640x480') as mullion:
        start_guest(mullion)
        check_clipboard(mullion)
        desktop, port, password = listening_server(mullion)
        guest, guest_port, _ = listening_server(mullion, '--guest', 'tone')
        with Ear(port, password) as one, Ear(guest_port, password) as other:
            one.ask(3, 2, 48000)
            check(one, 'desktop, S16 48 kHz stereo')
            other.ask(5, 1, 44100)
            check(other, 'guest, S32 44.1 kHz mono')
            other.send('BBH', QEMU, 1, DISABLE)
            one.pcm = b''
            check(one, 'desktop still')
        with Ear(guest_port, password) as again:
            again.ask(0, 2, 22050)
            check(again, 'guest once more, U8 22.05 kHz')
        desktop.stop()
        guest.stop()


if __name__ == '__main__':
    main()
