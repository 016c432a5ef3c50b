"""Shaders as C strings: embed.py OUTPUT SHADER…; quad.frag becomes shader_quad_frag."""
import pathlib
import sys

lines = ['#pragma once']
for path in map(pathlib.Path, sys.argv[2:]):
    name = path.name.replace('.', '_')
    lines.append(f'static const char shader_{name}[] =')
    for line in path.read_text().splitlines():
        code = line.split('//')[0].rstrip().replace('\\', '\\\\').replace('"', '\\"')
        lines.append(f'\t"{code}\\n"')
    lines[-1] += ';'
pathlib.Path(sys.argv[1]).write_text('\n'.join(lines) + '\n')
