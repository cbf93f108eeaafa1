import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { present } from '@lucerna/base';
import type { Measure, Measurement, Peer } from '../../harness.ts';
import { digestOf } from '../state/fixtures.ts';

const peerFile = fileURLToPath(new URL('python_peer.py', import.meta.url));

/** Python as other people have it: the first of these commands that there is. */
const COMMANDS = ['python3', 'python'];

/** A program for the peer's own machine: instructions with operands and gas that are looked up already. */
export type PythonProgram = {
  readonly code: readonly (readonly [name: string, operand: number | null, gas: number])[];
  readonly locals: number;
  /** The local variable that is the number of rounds. */
  readonly parameter: number;
};

/** What a module takes as Python has it: kind and value of the constants, then names and operands. */
export type PythonModule = readonly [
  constants: readonly (readonly [kind: string, value: unknown])[],
  instructions: readonly (readonly [name: string, operand: number | readonly number[] | null])[],
];

/** A Python that waits for what it is to run. */
export class Python {
  /** Implementation and version: `CPython 3.11.7`. */
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(name: string, child: ChildProcess, lines: AsyncIterator<string>) {
    this.name = name;
    this.#child = child;
    this.#lines = lines;
  }

  /** Undefined where there is no Python. @param file answers a line of JSON with a line of JSON */
  static async start(file: string = peerFile): Promise<Python | undefined> {
    for (const command of COMMANDS) {
      const child = spawn(command, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
      const failed = await Promise.race([
        once(child, 'spawn').then(() => false),
        once(child, 'error').then(() => true),
      ]).catch(() => true);
      if (failed) continue;
      const output = present(child.stdout, 'its output is piped');
      const lines = createInterface({ input: output })[Symbol.asyncIterator]();
      const first = await lines.next();
      if (first.done !== true) return new Python(JSON.parse(first.value).name, child, lines);
    }
    return undefined;
  }

  /** Nanoseconds for each of the `n` rounds of a function, and a digest of what it returns. */
  async time(what: string, n: number, leastMs: number): Promise<Required<Measurement>> {
    const { value, result } = await this.ask<{ readonly value: number; readonly result: string }>({
      function: what,
      n,
      least_seconds: leastMs / 1000,
    });
    return { value, hash: digestOfText(result) };
  }

  /** What `interpreted_loop` runs from now on. */
  async load(program: PythonProgram): Promise<void> {
    await this.ask({ program });
  }

  /** Bytes that modules take as objects in memory, and pickled. */
  async sizes(
    modules: readonly PythonModule[],
  ): Promise<{ readonly memory: number; readonly pickle: number }> {
    return this.ask({ modules });
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }

  /** What the program answers. */
  async ask<Reply>(request: unknown): Promise<Reply> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('Python has ended: see its message above');
    return JSON.parse(line.value);
  }
}

/** A result that both sides write the same way. */
export function digestOfText(text: string): string {
  return digestOf([new TextEncoder().encode(text)]);
}

/** Python as a peer that measures what `measure` says, or the row that it is absent. */
export function pythonPeer(
  python: Python | undefined,
  what: string,
  measure: (python: Python) => Measure,
): Peer {
  if (python === undefined) return { kind: 'absent', name: `Python, ${what}` };
  return { kind: 'measured', name: `${python.name}, ${what}`, measure: measure(python) };
}
