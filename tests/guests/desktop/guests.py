"""The guests of these tests, from Debian packages, and what their screens look like."""
import os
import pathlib

from lib import paths, png

GRUB = '''[guest]
name = grub
title = GRUB
label = #d8b90f
[machine]
memory = 128
[boot]
cdrom = /usr/lib/grub-rescue/grub-rescue-cdrom.iso
[network]
mode = none
[display]
device = VGA
'''
MEMTEST = '''[guest]
name = memtest
title = Memtest86+
label = #3a9a3a
[machine]
memory = 128
[boot]
cdrom = /usr/lib/memtest86+/memtest86+x64.iso
[network]
mode = none
[display]
device = VGA
'''
UEFI = '''[guest]
name = uefi
title = UEFI shell
label = #2f6fd0
[machine]
firmware = uefi
memory = 256
[network]
mode = none
'''
ARM = '''[guest]
name = arm
title = ARM firmware
label = #e07b1a
[machine]
arch = aarch64
firmware = uefi
memory = 512
[network]
mode = none
'''


def installer():
    """Of whatever Debian's package brings; its number is part of the reference's name."""
    images = pathlib.Path('/usr/lib/debian-installer/images')
    version = sorted(images.iterdir())[-1].name
    folder = images / version / 'amd64/gtk/debian-installer/amd64'
    return version, f'''[guest]
name = debian
title = Debian installer
label = #cc2b2b
[machine]
memory = 1024
[boot]
kernel = {folder}/linux
initrd = {folder}/initrd.gz
append = vga=788 quiet
[network]
mode = none
'''


def synthetic(name, options, label='#8a4bb8'):
    """A program that speaks Display1 in QEMU's place."""
    return f'''[guest]
name = {name}
label = {label}
[machine]
qemu = {paths.SYNTHETIC_GUEST}
[network]
mode = none
[qemu]
extra = -synthetic {options}
'''


def looks_like(picture, name, area, tolerance=32, share=0.01):
    """Compares an area (x, y, width, height in px) with tests/guests/reference/NAME.png. Both are
    halved, so that a px more or less in a letter's edge means nothing, while another letter does.
    With MULLION_RECORD=1 the picture becomes the reference."""
    path = paths.REFERENCE / f'{name}.png'
    x, y, width, height = area
    if x + width > picture.width or y + height > picture.height:
        return False
    small = picture.crop(*area).reduced(width // 2, height // 2)
    if os.environ.get('MULLION_RECORD') and not path.exists():
        path.parent.mkdir(exist_ok=True)
        small.save(path)
    return png.difference(small, png.read(path), tolerance) <= share
