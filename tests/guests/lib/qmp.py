"""A client of QEMU's monitor protocol."""
import json
import socket
import time


class QmpError(Exception):
    pass


class Qmp:
    def __init__(self, path, timeout=60):
        """Connects when the socket is there."""
        deadline = time.monotonic() + timeout
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                self.socket.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self.file = self.socket.makefile('r')
        self.events = []
        self._read()  # the greeting
        self.command('qmp_capabilities')

    def _read(self):
        line = self.file.readline()
        if not line:
            raise QmpError('QEMU has gone')
        return json.loads(line)

    def command(self, name, **arguments):
        self.socket.sendall(json.dumps({'execute': name, 'arguments': arguments}).encode() + b'\n')
        return self._answer()

    def send_fd(self, name, file):
        """QEMU's `getfd`: it keeps the file's descriptor under this name."""
        request = json.dumps({'execute': 'getfd', 'arguments': {'fdname': name}}).encode() + b'\n'
        socket.send_fds(self.socket, [request], [file.fileno()])
        return self._answer()

    def _answer(self):
        while True:
            message = self._read()
            if 'event' in message:
                self.events.append(message)
            elif 'error' in message:
                raise QmpError(message['error']['desc'])
            elif 'return' in message:
                return message['return']

    def wait_event(self, *names):
        while True:
            for event in self.events:
                if event['event'] in names:
                    self.events.remove(event)
                    return event
            message = self._read()
            if 'event' in message:
                self.events.append(message)

    def send_input(self, *events):
        self.command('input-send-event', events=list(events))

    def close(self):
        self.socket.close()


def key(qcode, down):
    return {'type': 'key', 'data': {'down': down, 'key': {'type': 'qcode', 'data': qcode}}}


def button(name, down):
    return {'type': 'btn', 'data': {'down': down, 'button': name}}


def absolute(axis, value):
    """`value` is 0 to 32767 over the whole screen."""
    return {'type': 'abs', 'data': {'axis': axis, 'value': value}}
