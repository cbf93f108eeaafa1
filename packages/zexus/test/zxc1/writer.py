"""Writes `.zxc` version 1 after docs/spec/zxc1.md with Python's own struct, zlib and json: an independent
writer to hold ours against. Reads modules as JSON, one a line; answers each with hex."""

import json
import struct
import sys
import zlib


def value_of(node):
    kind, content = node
    if kind == "int":
        return int(content)
    if kind == "float":
        return struct.unpack("<d", bytes.fromhex(content))[0]
    if kind == "list":
        return [value_of(item) for item in content]
    if kind == "dict":
        return {value_of(key): value_of(item) for key, item in content}
    return content


def constant(value):
    if value is None:
        return b"\x00"
    if isinstance(value, bool):
        return struct.pack("<BB", 1, value)
    if isinstance(value, int):
        if -(2**31) <= value < 2**31:
            return struct.pack("<Bi", 2, value)
        return struct.pack("<Bq", 3, value)
    if isinstance(value, float):
        return struct.pack("<Bd", 4, value)
    if isinstance(value, str):
        data = value.encode("utf-8")
        return struct.pack("<BI", 5, len(data)) + data
    if isinstance(value, dict):
        data = json.dumps(value).encode("utf-8")
        return struct.pack("<BI", 6, len(data)) + data
    return struct.pack("<BI", 7, len(value)) + b"".join(constant(item) for item in value)


def instruction(opcode, operand):
    head = struct.pack("<H", opcode)
    if operand is None:
        return head + b"\x00"
    if isinstance(operand, list):
        words = [int(word) & 0xFFFFFFFF for word in operand]
        return head + struct.pack("<B%dI" % len(words), 1 + len(words), *words)
    number = int(operand)
    if 0 <= number < 2**32:
        return head + struct.pack("<BI", 1, number)
    return head + struct.pack("<Bq", 2, number)


def module(description):
    constants = [value_of(node) for node in description["constants"]]
    instructions = description["instructions"]
    data = b"ZXC\x00" + struct.pack("<HHII", 1, 0, len(constants), len(instructions))
    data += b"".join(constant(value) for value in constants)
    data += b"".join(instruction(opcode, operand) for opcode, operand in instructions)
    return data + struct.pack("<I", zlib.crc32(data) & 0xFFFFFFFF)


for line in sys.stdin:
    print(module(json.loads(line)).hex())
