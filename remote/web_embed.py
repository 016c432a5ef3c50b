"""Writes the files of our web page as C: web_embed.py FILE... OUTPUT."""
import os
import sys


def rows(data):
    for start in range(0, len(data), 16):
        yield '\t' + ', '.join(f'0x{byte:02x}' for byte in data[start:start + 16]) + ',\n'


def main():
    *files, output = sys.argv[1:]
    with open(output, 'w', encoding='ascii') as out:
        out.write('#include "remote/web_site_private.h"\n\n')
        for number, path in enumerate(files):
            with open(path, 'rb') as file:
                data = file.read()
            out.write(f'static const unsigned char bytes_{number}[] = {{\n')
            out.writelines(rows(data))
            out.write('};\n')
        out.write('\nconst struct web_page web_pages[] = {\n')
        for number, path in enumerate(files):
            name = os.path.basename(path)
            out.write(f'\t{{"/{name}", bytes_{number}, sizeof(bytes_{number})}},\n')
        out.write('};\n')
        out.write(f'const size_t web_pages_count = {len(files)};\n')


main()
