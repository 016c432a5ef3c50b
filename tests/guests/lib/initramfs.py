"""The kernel of the test machines (scripts/setup --tests unpacks it) and initramfs archives for it.

Run as a program it prints the paths of the kernel and of the archive: initramfs.py kms|machine"""
import fcntl
import hashlib
import lzma
import os
import pathlib
import subprocess
import sys

from lib import paths

MODULES = {
    # A guest with the KMS client as its only program.
    'kms': ['virtio_pci', 'virtio_gpu', 'evdev', 'button', 'psmouse', 'virtio_input',
            'xhci_pci', 'usbhid', 'hid_generic'],
    # One that plays a tone and has a clipboard.
    'sound': ['virtio_pci', 'virtio_console', 'snd_hda_codec_generic',
              'snd_hda_intel'],
    # A machine with the host's programs.
    'machine': ['virtio_pci', 'virtio_gpu', 'evdev', 'button', 'virtio_input', 'uinput', '9p',
                '9pnet_virtio', 'overlay', 'vgem'],
}
PAYLOADS = {'kms': 'kms/kms_client', 'sound': 'sound/sound_client'}
FOLDERS = ['bin', 'dev', 'proc', 'sys', 'modules', 'host', 'results', 'upper', 'root']


def kernel_version():
    return (paths.CACHE / 'kernel' / 'version').read_text().strip()


def kernel():
    return paths.CACHE / 'kernel' / 'boot' / f'vmlinuz-{kernel_version()}'


def is_available():
    return (paths.CACHE / 'kernel' / 'version').exists()


def module_files(names):
    """The files to load, in order, each after what it depends on."""
    files = []
    for name in names:
        out = subprocess.run(
            ['/sbin/modprobe', '--dirname', paths.CACHE / 'kernel', '--set-version',
             kernel_version(), '--show-depends', name],
            check=True, stdout=subprocess.PIPE, text=True).stdout
        for line in out.splitlines():
            word, *rest = line.split()
            if word == 'insmod' and rest[0] not in files:
                files.append(rest[0])
    return files


def read_module(path):
    data = pathlib.Path(path).read_bytes()
    return lzma.decompress(data) if path.endswith('.xz') else data


def cpio_entry(name, mode, data=b''):
    """One member of a "newc" archive."""
    cpio_entry.inode += 1
    fields = [cpio_entry.inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    head = b'070701' + b''.join(b'%08x' % field for field in fields) + name.encode() + b'\0'
    return head + b'\0' * (-len(head) % 4) + data + b'\0' * (-len(data) % 4)


cpio_entry.inode = 0


def archive(init, payload, modules):
    parts = [cpio_entry(folder, 0o40755) for folder in FOLDERS]
    parts.append(cpio_entry('bin/busybox', 0o100755, pathlib.Path('/bin/busybox').read_bytes()))
    parts.append(cpio_entry('init', 0o100755, init))
    if payload:
        parts.append(cpio_entry('payload', 0o100755, payload))
    names = []
    for number, path in enumerate(modules):
        names.append(f'/modules/{number:02}.ko')
        parts.append(cpio_entry(names[-1][1:], 0o100644, read_module(path)))
    parts.append(cpio_entry('modules/list', 0o100644, ('\n'.join(names) + '\n').encode()))
    parts.append(cpio_entry('TRAILER!!!', 0))
    return b''.join(parts)


def build(flavour):
    """The archive's path; built again when something that it is made of has changed."""
    sources = paths.TREE / 'tests' / 'guests' / 'machine'
    init = (sources / f'init-{flavour}').read_bytes()
    payload = b''
    if flavour in PAYLOADS:
        payload = (paths.BUILD / 'tests' / 'guests' / PAYLOADS[flavour]).read_bytes()
    key = hashlib.sha256(b'\0'.join(
        [init, payload, kernel_version().encode(), ' '.join(MODULES[flavour]).encode()]))
    folder = paths.CACHE / 'machine'
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f'{flavour}-{key.hexdigest()[:16]}.cpio'
    with open(folder / 'lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            part = path.with_suffix('.part')
            part.write_bytes(archive(init, payload, module_files(MODULES[flavour])))
            os.rename(part, path)
    return path


if __name__ == '__main__':
    print(kernel(), build(sys.argv[1]))
