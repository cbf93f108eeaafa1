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
  const type = (what: string, none: string): void => {
    const code = byte((value) => `${what} ${value === 0 ? none : typeName(value)}`);
    if (code === 5) type('of', '');
    if (code === 6) {
      repeat('components', () => {
        text('component');
        type('type', '');
      });
    }
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
    const kind = byte((value) => ['cell', 'plain map', 'tree'][value]!);
    if (kind === 1) number((value) => `depth ${value}`);
    if (kind === 2) while (byte((value) => SHAPES[value]!) !== 0);
    byte((code) => `type ${CELL_TYPES.get(code) ?? typeName(code)}`);
  });
  section(4, 'events');
  repeat('events', () => {
    text('name');
    repeat('fields', () => {
      text('field');
      type('type', '');
      byte((value) => (value === 1 ? 'indexed' : 'not indexed'));
    });
  });
  section(5, 'actions');
  let actions = 0;
  repeat('actions', () => {
    actions += 1;
    text('name');
    const flags = byte((value) => {
      const word = ['nonpayable', 'view', 'payable', 'pure'][value % 4]!;
      return value < 4 ? word : `${word}, with a gas limit`;
    });
    const kind = byte((value) => ['not exported', 'exported as named', 'exported'][value]!);
    if (kind === 2) text('exported as');
    if (kind > 0) take(4, () => 'selector');
    repeat('parameters', () => {
      text('parameter');
      type('type', 'any');
    });
    type('result', 'none');
    if (flags >= 4) number((value) => `gas limit ${value}`);
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
  const places = (hasFiles: boolean): void => {
    let line = 1;
    for (let action = 0; action < actions; action += 1) {
      if (hasFiles) number((value) => `action ${action}, file ${value}`);
      repeat(`action ${action}, places`, () => {
        number((value) => `${value} instructions on`);
        number((value) => {
          line += value % 2 === 0 ? value / 2 : -(value + 1) / 2;
          return `line ${line}`;
        });
        number((value) => `column ${value}`);
      });
    }
  };
  const isNext = (id: number): boolean => bytes.length - position > 4 && bytes[position] === id;
  if (isNext(8)) {
    section(8, 'source map');
    text('file');
    places(false);
  }
  if (isNext(9)) {
    section(9, 'errors');
    repeat('errors', () => {
      text('name');
      repeat('fields', () => {
        text('field');
        type('type', '');
      });
    });
  }
  if (isNext(10)) {
    section(10, 'entry points');
    number((value) => (value === 0 ? 'no fallback' : `fallback: action ${value - 1}`));
    number((value) => (value === 0 ? 'no receive' : `receive: action ${value - 1}`));
  }
  if (isNext(11)) {
    section(11, 'source map of several files');
    repeat('files', () => text('file'));
    places(true);
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

const SHAPES = ['cell', 'plain map', 'map', 'list'];

const CELL_TYPES: ReadonlyMap<number, string> = new Map([
  [0x00, 'untyped'],
  [0x60, 'integer'],
  [0x80, 'signed'],
]);

function typeName(code: number): string {
  if (code > 0x60) return `int${8 * (code - 0x60)}`;
  if (code > 0x40) return `uint${8 * (code - 0x40)}`;
  if (code > 0x20) return `bytes${code - 0x20}`;
  return ['none', 'bool', 'address', 'string', 'bytes', 'list', 'tuple', 'encoded'][code]!;
}

/** How many operands an opcode has, where it has any. */
const OPERANDS: ReadonlyMap<number, number> = new Map([
  ...[1, 2, 3, 40, 41, 42, 52, 60, 61, 62, 81].map((code) => [code, 1] as const),
  ...[112, 113, 114, 118, 140, 0x0405, 0x0407, 0x0408].map((code) => [code, 1] as const),
  ...[53, 54, 0x0400, 0x0401, 0x0403, 0x0404, 0x040a, 0x040e].map((code) => [code, 2] as const),
]);
