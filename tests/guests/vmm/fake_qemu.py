#!/usr/bin/python3
"""Stands in for QEMU: speaks QMP on the inherited socket and misbehaves as its last argument says."""
import json
import signal
import socket
import sys

mode = sys.argv[-1]
status = 'running'


def listening_socket():
    option = next(a for a in sys.argv if a.startswith('socket,id=qmp,fd='))
    return socket.socket(fileno=int(option.split('fd=')[1].split(',')[0]))


def send(connection, message):
    connection.sendall(json.dumps(message).encode() + b'\r\n')


def after(connection, command):
    """What happens once a command was answered."""
    global status
    if mode == 'panic' and command == 'cont':
        status = 'guest-panicked'
        send(connection, {'event': 'GUEST_PANICKED', 'data': {'action': 'pause'}})
        send(connection, {'event': 'STOP'})
    elif mode == 'panic' and command == 'system_reset':
        status = 'running'
        send(connection, {'event': 'RESET', 'data': {'guest': False}})
    elif mode == 'garbage' and command == 'stop':
        connection.sendall(b'{]\r\n')
    elif mode == 'flood' and command == 'stop':
        status = 'paused'
        for _ in range(20000):
            send(connection, {'event': 'STOP', 'data': {}})


def answer(connection, command, number):
    result = {}
    if command == 'query-status':
        result = [] if mode == 'shapeless' else {'status': status, 'running': True}
    elif command == 'query-kvm':
        result = 7 if mode == 'shapeless' else {'enabled': True, 'present': True}
    if mode == 'deaf' and command == 'quit':
        return
    send(connection, {'return': result, 'id': number})
    if command == 'quit':
        sys.exit(0)
    after(connection, command)


def serve(connection):
    send(connection, {'QMP': {'version': {}, 'capabilities': []}})
    for line in connection.makefile():
        message = json.loads(line)
        answer(connection, message['execute'], message['id'])


if mode == 'deaf':
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
listener = listening_socket()
while True:
    try:
        serve(listener.accept()[0])
    except OSError:
        pass
