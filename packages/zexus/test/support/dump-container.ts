/** One field of a container. */
export type DumpedField = {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly meaning: string;
};

/**
 * The fields of a well-formed container, read after docs/spec/zxc.md alone, without code of the
 * package and without checks: the oracle of the codec's tests, and the example of that page.
 */
export function dumpContainer(bytes: Uint8Array): DumpedField[] {
  const fields: DumpedField[] = [];
  let position = 0;
  const take = (length: number, meaning: (bytes: Uint8Array) => string): Uint8Array => {
    const taken = bytes.slice(position, position + length);
    fields.push({ offset: position, bytes: taken, meaning: meaning(taken) });
    position += length;
    return taken;
  };
  const byte = (meaning: (value: number) => string): number => {
    return take(1, (taken) => meaning(taken[0]!))[0]!;
  };
  const number = (meaning: (value: number) => string): number => {
    let length = 1;
    while (bytes[position + length - 1]! >= 0x80) length += 1;
    const digits = [...bytes.slice(position, position + length)].reverse();
    const value = digits.reduce((sum, digit) => sum * 128 + (digit % 128), 0);
    take(length, () => meaning(value));
    return value;
  };
  const text = (what: string): string => {
    const length = number((value) => `${what}: bytes ${value}`);
    let found = '';
    take(length, (taken) => {
      found = new TextDecoder('utf-8', { ignoreBOM: true }).decode(taken);
      return `${what} ${JSON.stringify(found)}`;
    });
    return found;
  };
  const repeat = (what: string, each: () => void): void => {
    const count = number((value) => `${what}: ${value}`);
    for (let index = 0; index < count; index += 1) each();
  };
  const section = (id: number, name: string): void => {
    byte(() => `section ${id}: ${name}`);
    number((value) => `bytes of the section: ${value}`);
  };

  take(3, () => 'magic');
  byte((value) => `version ${value}`);
  take(4, (taken) => `total length ${new DataView(taken.buffer).getUint32(0)}`);
  take(32, () => 'code hash');
  section(1, 'contract');
  text('name');
  section(2, 'constants');
  repeat('constants', () => {
    const tag = byte((value) => `tag ${TAGS.get(value)}`);
    if (tag === 0x01) byte((value) => (value === 1 ? 'true' : 'false'));
    if (tag === 0x05) text('value');
    if (tag === 0x10 || tag === 0x11 || tag === 0x12) {
      take(
        number((value) => `value: bytes ${value}`),
        () => 'value',
      );
    }
    if (tag === 0x13) take(20, () => 'value');
  });
  section(3, 'state');
  repeat('variables', () => {
    text('name');
    if (byte((value) => ['cell', 'plain map'][value]!) === 1) number((value) => `depth ${value}`);
    byte((code) => `type ${CELL_TYPES.get(code) ?? typeName(code)}`);
  });
  section(4, 'events');
  repeat('events', () => {
    text('name');
    repeat('fields', () => {
      text('field');
      byte((code) => `type ${typeName(code)}`);
      byte((value) => (value === 1 ? 'indexed' : 'not indexed'));
    });
  });
  section(5, 'actions');
  let actions = 0;
  repeat('actions', () => {
    actions += 1;
    text('name');
    byte((value) => ['nonpayable', 'view', 'payable'][value]!);
    const kind = byte((value) => ['not exported', 'exported as named', 'exported'][value]!);
    if (kind === 2) text('exported as');
    if (kind > 0) take(4, () => 'selector');
    repeat('parameters', () => {
      text('parameter');
      byte((code) => `type ${code === 0 ? 'any' : typeName(code)}`);
    });
    byte((code) => `result ${code === 0 ? 'none' : typeName(code)}`);
  });
  section(6, 'code');
  number((value) => (value === 0 ? 'nothing runs at deployment' : `init: action ${value - 1}`));
  for (let action = 0; action < actions; action += 1) {
    repeat(`action ${action}, instructions`, () => {
      const opcode = number((value) => `opcode ${value}`);
      const operands = OPERANDS.get(opcode) ?? 0;
      for (let index = 0; index < operands; index += 1) number((value) => `operand ${value}`);
    });
  }
  section(7, 'metadata');
  repeat('entries', () => {
    text('key');
    text('value');
  });
  if (bytes.length - position > 4) {
    section(8, 'source map');
    text('file');
    let line = 1;
    for (let action = 0; action < actions; action += 1) {
      repeat(`action ${action}, places`, () => {
        number((value) => `${value} instructions on`);
        number((value) => {
          line += value % 2 === 0 ? value / 2 : -(value + 1) / 2;
          return `line ${line}`;
        });
        number((value) => `column ${value}`);
      });
    }
  }
  take(4, () => 'CRC-32');
  return fields;
}

const TAGS: ReadonlyMap<number, string> = new Map([
  [0x00, 'null'],
  [0x01, 'boolean'],
  [0x05, 'string'],
  [0x10, 'natural'],
  [0x11, 'negative'],
  [0x12, 'bytes'],
  [0x13, 'address'],
]);

const CELL_TYPES: ReadonlyMap<number, string> = new Map([
  [0x00, 'untyped'],
  [0x60, 'integer'],
  [0x80, 'signed'],
]);

function typeName(code: number): string {
  if (code > 0x60) return `int${8 * (code - 0x60)}`;
  if (code > 0x40) return `uint${8 * (code - 0x40)}`;
  if (code > 0x20) return `bytes${code - 0x20}`;
  return ['none', 'bool', 'address', 'string', 'bytes'][code]!;
}

/** How many operands an opcode has, where it has any. */
const OPERANDS: ReadonlyMap<number, number> = new Map([
  ...[1, 2, 3, 40, 41, 42, 113, 114, 0x0405].map((code) => [code, 1] as const),
  ...[53, 0x0400, 0x0401, 0x0403, 0x0404].map((code) => [code, 2] as const),
]);
