"""What the suite compares with in Python. One request a line as JSON, one answer a line; stays until its
input ends, so that the start of Python is in no figure. Times are CPU time of this process."""

import json
import pickle
import platform
import sys
import time


def native_loop(n):
    s = 0
    i = 0
    while i < n:
        s += i * i % 7
        i += 1
    return s


def lists(n):
    items = []
    i = 0
    while i < n:
        items.append(i * 3)
        i += 1
    total = 0
    for item in items:
        total += item
    i = 0
    while i < n:
        items[i] = items[n - 1 - i] + 1
        i += 1
    return total + items[n - 1] + len(items)


def maps(n):
    entries = {}
    i = 0
    while i < n:
        entries[i * 7 % 1009] = i
        i += 1
    total = 0
    for key, value in entries.items():
        total += key + value
    i = 0
    while i < n:
        if i in entries:
            total += entries[i]
        i += 1
    return total + len(entries)


class Halt(Exception):
    pass


LARGEST = 2**256 - 1

NUMBERS = {
    name: number
    for number, name in enumerate(
        "LOAD_NAME LOAD_CONST STORE_NAME ADD LT JUMP_IF_FALSE JUMP MUL MOD SUB RETURN".split()
    )
}


def decode(code):
    """Opcodes as numbers: nothing is looked up by name while a program runs."""
    return [(NUMBERS[name], operand, gas) for name, operand, gas in code]


def interpret(code, local, gas):
    """A stack machine for the instructions that ours makes its register code of, with the same gas for
    each, and integers of 256 bits. Its opcodes are tried in the order of how often they come."""
    stack = []
    push = stack.append
    pop = stack.pop
    pc = 0
    while True:
        opcode, operand, cost = code[pc]
        pc += 1
        gas -= cost
        if gas < 0:
            raise Halt("out of gas")
        if opcode == 0:  # LOAD_NAME
            push(local[operand])
        elif opcode == 1:  # LOAD_CONST
            push(operand)
        elif opcode == 2:  # STORE_NAME
            local[operand] = pop()
        elif opcode == 3:  # ADD
            right = pop()
            value = pop() + right
            if not -LARGEST <= value <= LARGEST:
                raise Halt("overflow")
            push(value)
        elif opcode == 4:  # LT
            right = pop()
            push(pop() < right)
        elif opcode == 5:  # JUMP_IF_FALSE
            if not pop():
                pc = operand
        elif opcode == 6:  # JUMP
            pc = operand
        elif opcode == 7:  # MUL
            right = pop()
            value = pop() * right
            if not -LARGEST <= value <= LARGEST:
                raise Halt("overflow")
            push(value)
        elif opcode == 8:  # MOD
            right = pop()
            if right == 0:
                raise Halt("division by zero")
            push(pop() % right)
        elif opcode == 9:  # SUB
            right = pop()
            value = pop() - right
            if not -LARGEST <= value <= LARGEST:
                raise Halt("overflow")
            push(value)
        elif opcode == 10:  # RETURN
            return pop(), gas


PLENTY = 10**15


def interpreted_loop(program):
    def run(n):
        local = [None] * program["locals"]
        local[program["parameter"]] = n
        result, gas = interpret(program["code"], local, PLENTY)
        return "%d for %d gas" % (result, PLENTY - gas)

    return run


def timed(function, n, least_seconds):
    """Nanoseconds for one of the n, over runs that together last so long, and what a run returns."""
    result = function(n)
    runs = 0
    started = time.process_time()
    while True:
        function(n)
        runs += 1
        elapsed = time.process_time() - started
        if elapsed >= least_seconds:
            return {"value": elapsed * 1e9 / runs / n, "result": str(result)}


def memory_bytes(value, seen):
    """What an object and all that it refers to take, each of them once."""
    if id(value) in seen:
        return 0
    seen.add(id(value))
    size = sys.getsizeof(value)
    if isinstance(value, (list, tuple)):
        size += sum(memory_bytes(item, seen) for item in value)
    return size


def sizes(modules):
    """Bytes of modules as a compiler in Python has them: constants and tuples of opcode name and operand."""
    objects = [
        (
            [int(value) if kind == "integer" else value for kind, value in constants],
            [
                (sys.intern(name), operand if operand is None or isinstance(operand, int) else tuple(operand))
                for name, operand in instructions
            ],
        )
        for constants, instructions in modules
    ]
    return {"memory": memory_bytes(objects, set()), "pickle": len(pickle.dumps(objects))}


FUNCTIONS = {"native_loop": native_loop, "lists": lists, "maps": maps}


def answer(request):
    if "modules" in request:
        return sizes(request["modules"])
    if "program" in request:
        program = request["program"]
        FUNCTIONS["interpreted_loop"] = interpreted_loop(
            {**program, "code": decode(program["code"])}
        )
        return {}
    return timed(FUNCTIONS[request["function"]], request["n"], request["least_seconds"])


def main():
    name = "%s %s" % (platform.python_implementation(), platform.python_version())
    print(json.dumps({"name": name}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


main()
