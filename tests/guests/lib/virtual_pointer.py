"""A pointer of a foreign Wayland compositor: wlr-virtual-pointer-unstable-v1, spoken by hand."""
import socket
import struct

DISPLAY, REGISTRY, DONE, MANAGER, POINTER = 1, 2, 3, 4, 5  # objects
GET_REGISTRY, SYNC, BIND, CREATE = 1, 0, 0, 0  # requests
MOTION_ABSOLUTE, BUTTON, FRAME = 1, 2, 4
NAME = 'zwlr_virtual_pointer_manager_v1'


def text(value):
    data = value.encode() + b'\0'
    return struct.pack('=I', len(data)) + data + b'\0' * (-len(data) % 4)


class VirtualPointer:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(path))
        self.send(DISPLAY, GET_REGISTRY, struct.pack('=I', REGISTRY))
        self.send(DISPLAY, SYNC, struct.pack('=I', DONE))
        number = self.find_manager()
        self.send(REGISTRY, BIND,
                  struct.pack('=I', number) + text(NAME) + struct.pack('=II', 1, MANAGER))
        self.send(MANAGER, CREATE, struct.pack('=II', 0, POINTER))

    def send(self, target, request, body=b''):
        self.socket.sendall(struct.pack('=IHH', target, request, 8 + len(body)) + body)

    def read(self, size):
        data = b''
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise OSError('the compositor has gone')
            data += part
        return data

    def find_manager(self):
        found = None
        while True:
            target, _, size = struct.unpack('=IHH', self.read(8))
            body = self.read(size - 8)
            if target == REGISTRY and NAME.encode() in body:
                found = struct.unpack_from('=I', body)[0]
            if target == DONE:
                if found is None:
                    raise OSError(f'the compositor has no {NAME}')
                return found

    def move(self, x, y, width, height):
        """To a point of all outputs, which are so large together (px)."""
        self.send(POINTER, MOTION_ABSOLUTE, struct.pack('=IIIII', 0, x, y, width, height))
        self.send(POINTER, FRAME)

    def click(self, button):
        for pressed in (1, 0):
            self.send(POINTER, BUTTON, struct.pack('=III', 0, button, pressed))
            self.send(POINTER, FRAME)

    def close(self):
        self.socket.close()
