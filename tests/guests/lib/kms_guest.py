"""Our KMS client as a real guest of mullion: tests/guests/kms says what it shows and reports."""
import os

from lib import initramfs, paths, pattern
from lib.mullion import PATIENCE, expect

GUEST = '''[guest]
name = {name}
label = #3a9a3a
[machine]
memory = 192
[boot]
kernel = {kernel}
initrd = {initrd}
append = quiet
[network]
mode = none
[display]
device = virtio-vga
heads = {heads}
[qemu]
extra = -serial file:{serial}
'''


STRIP = 3  # logical px of the label's colour over the upper edge of a view that fills its output


def skip_without_kernel():
    """Ends the test program where scripts/setup --tests has fetched no kernel."""
    if not initramfs.is_available():
        print('no kernel for test machines here (scripts/setup --tests)')
        raise SystemExit(paths.EXIT_SKIP)


class KmsGuest:
    """Started, with all its devices. Knows what it must show by now."""

    def __init__(self, mullion, name='kms', heads=1):
        self.mullion, self.name = mullion, name
        folder = mullion.folder / f'{name}-files'
        folder.mkdir()
        os.chmod(folder, 0o777)  # QEMU may run as another user
        self.serial = folder / 'serial'
        files = {'kernel': mullion.share(initramfs.kernel()),
                 'initrd': mullion.share(initramfs.build('kms'))}
        self.white_keys, self.crosses = set(), []
        mullion.ctl('start', mullion.write_guest(name, GUEST.format(
            name=name, heads=heads, serial=self.serial, **files)))
        for head in range(heads):
            self.wait_line(f'READY head {head} ')
        self.wait_line('INPUT', 'Tablet')

    def lines(self):
        """What the guest has reported, whole lines."""
        if not self.serial.exists():
            return []
        return self.serial.read_text(errors='replace').replace('\r', '').split('\n')[:-1]

    def wait_line(self, *parts, after=0):
        """Waits for a line with all these parts among those `after` so many; returns it."""
        def find():
            return next((line for line in self.lines()[after:]
                         if all(part in line for part in parts)), None)
        return self.mullion.until(find, f'{self.name} does not say {parts}', PATIENCE)

    def view_name(self, head):
        return f'{self.name}:{head}' if head else self.name

    def picture(self, size, head=0):
        """What a head must show; crosses are on the first one only."""
        return pattern.picture(*size, head, self.white_keys, () if head else self.crosses)

    def shows(self, size, head=0):
        """The guest's own picture is the pattern, pixel by pixel; the cursor isn't in it."""
        picture = self.mullion.screenshot('--guest', f'{self.name}:{head}')
        return picture.rows == self.picture(size, head).rows

    def until_shows(self, size, head=0):
        self.mullion.until(lambda: self.shows(size, head),
                           f'{self.view_name(head)} does not show its pattern at {size}')

    def place(self, head=0, scale=1):
        """Where its view's content is on an output at 0,0: x, y, width, height in its px."""
        x, y, width, height = self.mullion.view(self.view_name(head))['content']
        left, top = round_half_up(x * scale), round_half_up(y * scale)
        return (left, top, round_half_up((x + width) * scale) - left,
                round_half_up((y + height) * scale) - top)

    def follows(self, head=0, scale=1, output='LEFT'):
        """The guest takes its view's size exactly, and every pixel of it is on the output."""
        x, y, *size = self.place(head, scale)
        self.until_shows(size, head)
        wanted = self.picture(size, head)
        view = self.mullion.view(self.view_name(head))
        frameless = view['content'][2] == view['width']
        strip = int(STRIP * scale + 1) if frameless else 0

        def is_shown():
            shown = self.mullion.screenshot('--output', output).crop(x, y, *size)
            return shown.rows[strip:] == wanted.rows[strip:]
        self.mullion.until(is_shown, f'{self.view_name(head)} is not on {output} as it is at {size}')

    def resize(self, width, height, head=0):
        """Gives the view a content of this size (logical px)."""
        name = self.view_name(head)
        if head == 0:
            self.crosses.clear()  # another mode is drawn without them
        self.mullion.ctl('move', name, 3, 5)  # it has a frame from now on
        view = self.mullion.view(name)
        self.mullion.ctl('move', name, 3, 5, width + view['width'] - view['content'][2],
                         height + view['height'] - view['content'][3])
        expect(self.mullion.view(name)['content'][2:] == [width, height], 'the view has no such size')


def round_half_up(number):
    return int(number + 0.5)
