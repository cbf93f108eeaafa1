import { toHex } from '@lucerna/base';

/** What a fuzzer is held against: inputs that are good, and what has to be true of all others. */
export type MutationTarget = {
  readonly name: string;
  /** Good inputs; each is what others are made of. */
  readonly inputs: readonly Uint8Array[];
  /** Parts of an input whose lengths are written down in it, and the input of such parts. */
  readonly split?: (bytes: Uint8Array) => readonly Uint8Array[];
  readonly join?: (parts: readonly Uint8Array[]) => Uint8Array;
  /** Makes checksums and hashes right again, so that what they cover is looked at. */
  readonly seal: (bytes: Uint8Array) => Uint8Array;
  /**
   * What came of an input: the name of the rule that refuses it, or undefined when it was accepted. It
   * throws when what must be true is not: that is a finding.
   */
  readonly judge: (bytes: Uint8Array) => string | undefined;
};

/** An input of which something is not true that must be. */
export type Finding = { readonly target: string; readonly input: string; readonly error: unknown };

/** What a run of the fuzzer came to. */
export type MutationTally = {
  inputs: number;
  accepted: number;
  /** How often each rule refused, by the name of the target and the rule. */
  readonly refusals: Map<string, number>;
  readonly findings: Finding[];
};

/** After so many findings it ends: more would say the same. */
const MAX_FINDINGS = 10;

/** Mutants that were accepted are mutated further: as many are kept for each target. */
const MAX_KEPT = 200;

/** Natural numbers below 2³², the same ones for the same seed (xorshift32, Marsaglia 2003). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Mutates inputs of the targets by turns, `count` times in all. The same for the same seed. */
export function fuzzMutations(
  targets: readonly MutationTarget[],
  count: number,
  seed: number,
  maxFindings: number = MAX_FINDINGS,
): MutationTally {
  const random = randomNumbers(seed);
  const tally: MutationTally = { inputs: 0, accepted: 0, refusals: new Map(), findings: [] };
  const kept = targets.map(() => [] as Uint8Array[]);
  while (tally.inputs < count && tally.findings.length < maxFindings) {
    const index = tally.inputs % targets.length;
    const target = targets[index] as MutationTarget;
    const others = kept[index] as Uint8Array[];
    const input = target.seal(mutant(target, [...target.inputs, ...others], random));
    tally.inputs += 1;
    try {
      const rule = target.judge(input);
      if (rule === undefined) {
        tally.accepted += 1;
        if (others.length < MAX_KEPT) others.push(input);
        else if (random(20) === 0) others[random(MAX_KEPT)] = input;
      } else {
        const name = `${target.name} ${rule}`;
        tally.refusals.set(name, (tally.refusals.get(name) ?? 0) + 1);
      }
    } catch (error) {
      tally.findings.push({ target: target.name, input: toHex(input), error });
    }
  }
  return tally;
}

/** Findings as a text to have them again. */
export function findingsText(findings: readonly Finding[]): string {
  return findings
    .map(({ target, input, error }) => {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return `${target}: ${what}\ninput ${input}`;
    })
    .join('\n\n');
}

type Random = (below: number) => number;

/** One of the inputs with one to four changes: anywhere, or within one of its parts. */
function mutant(
  { split, join }: MutationTarget,
  inputs: readonly Uint8Array[],
  random: Random,
): Uint8Array {
  const anyInput = (): Uint8Array => inputs[random(inputs.length)] as Uint8Array;
  const input = anyInput();
  const changes = 1 + random(4);
  if (split === undefined || join === undefined || random(4) === 0) {
    return changedOften(input, anyInput, changes, random);
  }
  const parts = [...split(input)];
  // Long parts more often than short ones.
  let offset = random(parts.reduce((sum, part) => sum + part.length, 1));
  const found = parts.findIndex((part) => {
    offset -= part.length;
    return offset < 0;
  });
  const index = Math.max(0, found);
  const anyPart = (): Uint8Array => split(anyInput())[index] ?? new Uint8Array(0);
  parts[index] = changedOften(parts[index] ?? new Uint8Array(0), anyPart, changes, random);
  return join(parts);
}

function changedOften(
  bytes: Uint8Array,
  other: () => Uint8Array,
  changes: number,
  random: Random,
): Uint8Array {
  let result = bytes;
  for (let rest = changes; rest > 0; rest -= 1) result = changed(result, other, random);
  return result;
}

/** Bytes at which numbers, tags and flags have their edges. */
const TELLING = [0, 1, 2, 3, 4, 5, 6, 7, 0x10, 0x20, 0x40, 0x60, 0x7f, 0x80, 0x81, 0xfe, 0xff];

function changed(bytes: Uint8Array, other: () => Uint8Array, random: Random): Uint8Array {
  const at = random(bytes.length + 1);
  const length = 1 + random(random(8) === 0 ? 64 : 6);
  const result = bytes.slice();
  switch (random(9)) {
    case 0:
      if (at < result.length) result[at] = (result[at] as number) ^ (1 << random(8));
      return result;
    case 1:
      if (at < result.length) result[at] = random(256);
      return result;
    case 2:
      if (at < result.length) result[at] = TELLING[random(TELLING.length)] as number;
      return result;
    case 3:
      if (at < result.length) result[at] = (result[at] as number) + (random(2) === 0 ? 1 : 255);
      return result;
    case 4:
      return spliced(bytes, at, length, new Uint8Array(0));
    case 5:
      return spliced(bytes, at, 0, bytes.subarray(at, at + length));
    case 6:
      return spliced(bytes, at, 0, Uint8Array.of(TELLING[random(TELLING.length)] as number));
    case 7:
      return spliced(bytes, at, length, partOf(other(), length, random));
    default:
      return spliced(bytes, at, 0, partOf(other(), length, random));
  }
}

function partOf(bytes: Uint8Array, length: number, random: Random): Uint8Array {
  const from = random(bytes.length + 1);
  return bytes.subarray(from, from + length);
}

/** The bytes, where `removed` of them at an offset are replaced. */
function spliced(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  const rest = bytes.subarray(at + removed);
  const result = new Uint8Array(at + added.length + rest.length);
  result.set(bytes.subarray(0, at));
  result.set(added, at);
  result.set(rest, at + added.length);
  return result;
}
