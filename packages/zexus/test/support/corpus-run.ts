import { assert, fromHex, present, toHex } from '@lucerna/base';
import {
  type Abi,
  type AbiEvent,
  decodeErrorResult,
  decodeEventLog,
  encodeFunctionData,
  getAddress,
  type Hex,
  parseAbi,
  parseAbiItem,
} from 'viem';
import type { AbiField } from '../../src/bytecode/container.ts';
import type { CompileOptions } from '../../src/compiler/compile.ts';
import { decodeValue, encodeValue, UNMETERED } from '../../src/layout/value-encoding.ts';
import { Address, Dictionary, integer, keyText, List, type Value } from '../../src/vm/value.ts';
import { account } from '../vm/support.ts';
import { reasonOf } from './deployed.ts';
import { type CallOptions, type Instance, World } from './world.ts';

/**
 * Lines of a program that say what happens to it, in its comments:
 *
 *     #! coin = Coin(1000) from alice            deploys a contract of the file
 *     #> coin.pay(@bob, 5) from alice = true     calls an action and compares what it returns
 *     #> coin.pay(@bob, 5) from carol ! poor     a call that reverts, and what it says
 *     #> coin.pay(@bob, 5) gas 100 ! OUT_OF_GAS
 *     #* Paid {"to": "@bob", "amount": 5}        the events of the call above, all of them, in order
 *     #? @bob = 12                               the wei of an account
 *
 * Values are JSON; `@name` is a person or a contract deployed above, `0x…` bytes. Actions are called by
 * `zx_call`, with the names of the source. A step that fails must leave no trace.
 */
const STEP = /^#([!>*?]) (.*)$/gm;
const DEPLOYMENT = /^(\w+) = (\w+)\((.*?)\)((?: (?:from|value|gas) \w+)*)(?: ! (.*))?$/;
const CALL = /^(\w+)\.(\w+)\((.*)\)((?: (?:from|value|gas) \w+)*) ([=!]) (.*)$/;

const PEOPLE: ReadonlyMap<string, Uint8Array> = new Map(
  ['alice', 'bob', 'carol', 'dave'].map((name, index) => [name, account(0xa1 + index)]),
);
const ZX_CALL = parseAbi(['function zx_call(string, bytes) returns (bytes)']);
const PLENTY = 1_000_000_000;

/** What a step came to and what its line says of it, as texts. */
export type CorpusStep = {
  readonly line: string;
  readonly expected: readonly string[];
  readonly actual: readonly string[];
};

/** Does what the comments of a program say, in a ledger of its own. */
export function runCorpus(source: string, options: CompileOptions): CorpusStep[] {
  const corpus = new Corpus(source, options);
  const lines = [...source.matchAll(STEP)].map(([, kind = '', line = '']) => ({ kind, line }));
  assert(lines.length > 0, 'a program says what happens to it');
  return lines.flatMap(({ kind, line }, index) => {
    if (kind === '*') return [];
    const next = lines.slice(index + 1);
    const end = next.findIndex((other) => other.kind !== '*');
    const events = next.slice(0, end < 0 ? next.length : end).map((event) => {
      const [name = '', ...fields] = event.line.split(' ');
      return `* ${name} ${text(JSON.parse(quoted(fields.join(' '))))}`;
    });
    return [corpus.step(kind, line, events)];
  });
}

type Circumstances = Required<Pick<CallOptions, 'caller' | 'gas' | 'value'>>;

class Corpus {
  readonly #world = new World();
  readonly #source: string;
  readonly #options: CompileOptions;
  readonly #instances = new Map<string, Instance>();
  readonly #addresses = new Map(PEOPLE);

  constructor(source: string, options: CompileOptions) {
    this.#source = source;
    this.#options = options;
    for (const person of PEOPLE.values()) this.#world.give(person, 1_000_000n);
  }

  step(kind: string, line: string, events: readonly string[]): CorpusStep {
    if (kind === '?') {
      const [, name = '', wei = ''] = present(/^@(\w+) = (\d+)$/.exec(line), line);
      const actual = String(this.#world.balance(this.#address(name)));
      return { line, expected: [wei], actual: [actual] };
    }
    const logged = this.#world.logs.length;
    const before = this.#world.words();
    const { expected, actual } = kind === '!' ? this.#deploy(line) : this.#call(line);
    if (actual.startsWith('!')) {
      const traces = [this.#world.logs.length - logged, this.#world.words()];
      return {
        line,
        expected: [expected, '0', text(before)],
        actual: [actual, ...traces.map(text)],
      };
    }
    return { line, expected: [expected, ...events], actual: [actual, ...this.#events(logged)] };
  }

  #deploy(line: string): { expected: string; actual: string } {
    const match = present(DEPLOYMENT.exec(line), line);
    const [, name = '', contract = '', values = '', circumstances = '', reason] = match;
    const expected = reason === undefined ? 'deployed' : `! ${reason}`;
    try {
      const fields = (parameters: readonly AbiField[]) => {
        const given = this.#values(values);
        assert(given.length === parameters.length, `${line}: the constructor takes others`);
        return given.map((value, index) => abiValue(value, present(parameters[index], line)));
      };
      const instance = this.#world.deploy(this.#source, fields, contract, {
        ...this.#options,
        call: this.#circumstances(circumstances),
      });
      this.#instances.set(name, instance);
      this.#addresses.set(name, instance.address);
      return { expected, actual: 'deployed' };
    } catch (error) {
      const { message } = error as Error;
      if (!message.startsWith('deployment: ')) throw error;
      return { expected, actual: `! ${message.slice('deployment: '.length)}` };
    }
  }

  #call(line: string): { expected: string; actual: string } {
    const match = present(CALL.exec(line), line);
    const [, name = '', action = '', values = '', circumstances = '', sign = '', said = ''] = match;
    const given = this.#values(values).map((value) => this.#fromJson(value));
    const data = encodeFunctionData({
      abi: ZX_CALL,
      args: [action, toHex(encodeValue(UNMETERED, new List(given))) as Hex],
    });
    const { address } = present(this.#instances.get(name), `${line}: deployed`);
    const options = this.#circumstances(circumstances);
    const outcome = this.#world.send(address, fromHex(data), options);
    const expected = sign === '!' ? `! ${said}` : text(JSON.parse(quoted(said)));
    if (outcome.status !== 'success') {
      const reason = reasonOf(outcome);
      // An error may come from whatever was called.
      const abi = [...this.#instances.values()].flatMap(({ contract }) => contract.abi as Abi);
      if (!reason.startsWith('0x') || reason === '0x') return { expected, actual: `! ${reason}` };
      const { errorName, args = [] } = decodeErrorResult({ abi, data: reason as Hex });
      return { expected, actual: `! ${errorName}${text(this.#named(args))}` };
    }
    // The world hands the wei of a call to the contract, and does not ask where they are from.
    this.#world.give(options.caller, -options.value);
    // offset, length, bytes
    const length = Number(BigInt(toHex(outcome.returnData.subarray(32, 64))));
    const result = this.#decoded(outcome.returnData.subarray(64, 64 + length));
    return { expected, actual: text(result) };
  }

  #circumstances(words: string): Circumstances {
    const of = (name: string): string | undefined => new RegExp(` ${name} (\\w+)`).exec(words)?.[1];
    const gas = of('gas');
    return {
      caller: this.#address(of('from') ?? 'alice'),
      value: BigInt(of('value') ?? 0),
      gas: gas === undefined ? PLENTY : Number(gas),
    };
  }

  #events(from: number): string[] {
    return this.#world.logs.slice(from).map(({ address, topics, data }) => {
      const { contract } = present(
        [...this.#instances.values()].find((each) => toHex(each.address) === toHex(address)),
        'a known contract',
      );
      const abi = [...(contract.abi as Abi), ...this.#dynamicEvents()];
      const { eventName, args } = decodeEventLog({ abi, topics: topics as [Hex], data });
      const { fields = [] } =
        contract.container.events.find(({ name }) => name === eventName) ?? {};
      const encoded = new Set(fields.filter((each) => each.isEncoded).map(({ name }) => name));
      if (fields.length === 0) encoded.add('data');
      const values = Object.entries(args ?? {}).map(([name, value]) => [
        name,
        encoded.has(name) ? this.#decoded(fromHex(value as string)) : this.#named(value),
      ]);
      return `* ${eventName} ${text(Object.fromEntries(values))}`;
    });
  }

  /** What `emit("Name", data)`, `log(data)` and `audit_log(action, data)` log. */
  #dynamicEvents(): Abi {
    const names = [...this.#source.matchAll(/emit\("(\w+)"/g)].map(
      ([, name]) => `${name}(bytes data)`,
    );
    const all = new Set([...names, 'Log(bytes data)', 'AuditLog(string action, bytes data)']);
    return [...all].map((event) => parseAbiItem(`event ${event}`) as AbiEvent);
  }

  #decoded(bytes: Uint8Array): unknown {
    const value = decodeValue(UNMETERED, bytes);
    assert(value !== undefined, 'the encoding of a value');
    return this.#toJson(value);
  }

  #address(name: string): Uint8Array {
    return present(this.#addresses.get(name), `an account named ${name}`);
  }

  #values(list: string): readonly unknown[] {
    return JSON.parse(`[${quoted(list)}]`, (_, value: unknown) => {
      const name = typeof value === 'string' && /^@(\w+)$/.exec(value)?.[1];
      return name ? new Address(this.#address(name)) : value;
    });
  }

  #fromJson(value: unknown): Value {
    if (Array.isArray(value)) return new List(value.map((item) => this.#fromJson(item)));
    if (typeof value === 'number') return integer(BigInt(value));
    if (typeof value === 'string') {
      if (/^-?\d{16,}n$/.test(value)) return integer(BigInt(value.slice(0, -1)));
      return /^0x(?:..)*$/.test(value) ? fromHex(value) : value;
    }
    if (typeof value !== 'object' || value === null || value instanceof Address) {
      return value as Value;
    }
    const map = new Dictionary();
    for (const [key, entry] of Object.entries(value)) {
      map.entries.set(keyText(key), { key, value: this.#fromJson(entry) });
    }
    return map;
  }

  #toJson(value: Value): unknown {
    if (value instanceof List) return value.items.map((item) => this.#toJson(item));
    if (value instanceof Address) return this.#nameOf(value.bytes);
    if (value instanceof Uint8Array) return toHex(value);
    if (typeof value === 'bigint') return `${value}n`;
    if (!(value instanceof Dictionary)) return value;
    const entries = [...value.entries.values()].map(({ key, value: entry }) => [
      typeof key === 'string' ? key : String(this.#toJson(key)),
      this.#toJson(entry),
    ]);
    return Object.fromEntries(entries);
  }

  /** Addresses by their names, in what viem decodes. */
  #named(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#named(item));
    if (typeof value === 'bigint') return Number(value);
    if (typeof value === 'string' && /^0x.{40}$/.test(value)) return this.#nameOf(fromHex(value));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.#named(each)]));
  }

  #nameOf(address: Uint8Array): string {
    const known = [...this.#addresses].find(([, each]) => toHex(each) === toHex(address));
    return known === undefined ? toHex(address) : `@${known[0]}`;
  }
}

function hexOf(address: Uint8Array): Hex {
  return getAddress(toHex(address));
}

/** `@name` and `0x…` need no quotes. */
function quoted(json: string): string {
  return json.replace(/"(?:\\.|[^"\\])*"|@\w+|0x\w+/g, (part) =>
    part[0] === '"' ? part : `"${part}"`,
  );
}

function text(value: unknown): string {
  return JSON.stringify(value ?? null);
}

function abiValue(value: unknown, { isEncoded, type }: AbiField): unknown {
  if (isEncoded) {
    const encodable = typeof value === 'number' ? integer(BigInt(value)) : (value as Value);
    return toHex(encodeValue(UNMETERED, encodable));
  }
  if (value instanceof Address) return hexOf(value.bytes);
  if (Array.isArray(value)) {
    const item = { name: '', type: type.slice(0, -2) };
    return value.map((each) => abiValue(each, item));
  }
  return typeof value === 'number' ? BigInt(value) : value;
}
