"""The heads of a QEMU machine as a person plugs them: Console.SetUIInfo of QEMU's D-Bus display, which
a machine with `-display dbus,p2p=yes` offers through its QMP socket."""
import os
import socket
import struct

CALL, REPLY, ERROR = 1, 2, 3
PATH, INTERFACE, MEMBER, SIGNATURE = 1, 2, 3, 8


def align(data, size):
    return data + b'\0' * (-len(data) % size)


def text(value):
    return struct.pack('<I', len(value)) + value.encode() + b'\0'


def field(code, kind, value):
    packed = bytes([len(value)]) + value.encode() + b'\0' if kind == 'g' else text(value)
    return bytes([code, 1]) + kind.encode() + b'\0' + packed


class Monitors:
    def __init__(self, qmp):
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(60)
        qmp.send_fd('monitors', theirs)
        theirs.close()
        qmp.command('add_client', protocol='@dbus-display', fdname='monitors')
        identity = str(os.getuid()).encode().hex()
        self.socket.sendall(b'\0AUTH EXTERNAL ' + identity.encode() + b'\r\n')
        answer = self.socket.recv(4096)
        if not answer.startswith(b'OK'):
            raise OSError(f'QEMU refuses: {answer}')
        self.socket.sendall(b'BEGIN\r\n')
        self.serial = 0

    def read(self, size):
        data = b''
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise OSError('QEMU has gone')
            data += part
        return data

    def read_message(self):
        """The message's kind, for little-endian peers as QEMU here."""
        head = self.read(16)
        body, fields = struct.unpack_from('<I', head, 4)[0], struct.unpack_from('<I', head, 12)[0]
        self.read(fields + -fields % 8 + body)
        return head[1]

    def plug(self, head, width, height):
        """A monitor of this size (px) on the head; of 0x0, none."""
        self.serial += 1
        body = struct.pack('<HHiiII', width // 4, height // 4, 0, 0, width, height)
        fields = b''
        for entry in (field(PATH, 'o', f'/org/qemu/Display1/Console_{head}'),
                      field(INTERFACE, 's', 'org.qemu.Display1.Console'),
                      field(MEMBER, 's', 'SetUIInfo'), field(SIGNATURE, 'g', 'qqiiuu')):
            fields = align(fields, 8) + entry
        head = struct.pack('<BBBBII', ord('l'), CALL, 0, 1, len(body), self.serial)
        self.socket.sendall(align(head + struct.pack('<I', len(fields)) + fields, 8) + body)
        while (kind := self.read_message()) != REPLY:
            if kind == ERROR:
                raise OSError(f'QEMU refuses a monitor of {width}x{height}')

    def unplug(self, head):
        self.plug(head, 0, 0)
