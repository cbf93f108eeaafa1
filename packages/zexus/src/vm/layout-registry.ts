import { equalBytes } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { ByteWriter } from '../bytecode/byte-writer.ts';
import { writeShape } from '../bytecode/shape-codes.ts';
import type { StateShape } from '../layout/schema.ts';
import { delegatedSlot, layoutSlot, WORD_BYTES } from '../layout/slots.ts';
import { zexusLimits } from '../limits.ts';
import { revertWith } from './halt.ts';
import type { Machine } from './machine.ts';
import { loadWord, storeWord } from './state-access.ts';
import { utf8Bytes } from './text.ts';

// Code that runs on the state of another contract finds its variables by their names: it may add variables,
// never see one as something else. What each name is is recorded in the state that is shared.

const LAYOUT_PREFIX_BYTES: number = utf8Bytes('zx.layout.');
const DELEGATED_PREFIX_BYTES: number = utf8Bytes('zx.delegated.');
const ONE: Uint8Array = new Uint8Array(WORD_BYTES);
ONE[WORD_BYTES - 1] = 1;

/** What is recorded of a variable: the hash of its shape as containers have it. */
export function shapeFingerprint(shape: StateShape): Uint8Array {
  const out = new ByteWriter();
  writeShape(out, shape);
  return keccak256(out.finish());
}

/**
 * Before code is delegated to: compares its variables with those of the running program and of all code
 * that was delegated to before, and records them, once for each code. Nothing is recorded in a static call.
 *
 * @param target the account with the code, whose access is charged
 * @throws `Revert` Error("incompatible state layout: NAME")
 */
export function requireCompatibleLayout(machine: Machine, target: Uint8Array): void {
  const { meter, calls } = machine;
  meter.chargeKeccak(DELEGATED_PREFIX_BYTES + WORD_BYTES);
  const marker = delegatedSlot(calls.codeHash(target));
  if (equalBytes(loadWord(machine, marker), ONE)) return;
  // Its variables are known when it is loaded, which the call itself charges only afterwards.
  meter.charge(meter.schedule.codeWord * Math.ceil(calls.codeBytes(target) / WORD_BYTES));
  const schema = calls.schemaOf(target);
  // Code of another kind knows no variables of this language.
  if (schema === undefined) return;
  // In a static call nothing tells of the program's own variables unless they are compared directly.
  const own = new Map(machine.program.variables.map(({ name, shape }) => [name, shape]));
  for (const [name, shape] of own) requireVariable(machine, name, shape);
  for (const { name, shape } of schema) {
    const mine = own.get(name);
    if (mine === undefined) requireVariable(machine, name, shape);
    else if (!equalBytes(fingerprint(machine, mine), fingerprint(machine, shape))) {
      throw incompatible(name);
    }
  }
  if (!machine.isStatic) storeWord(machine, marker, ONE);
}

/** Compares a variable with what is recorded under its name, and records it where nothing is. */
function requireVariable(machine: Machine, name: string, shape: StateShape): void {
  machine.meter.chargeKeccak(LAYOUT_PREFIX_BYTES + utf8Bytes(name));
  const slot = layoutSlot(name);
  const recorded = loadWord(machine, slot);
  const expected = fingerprint(machine, shape);
  if (equalBytes(recorded, expected)) return;
  if (recorded.some((byte) => byte !== 0)) throw incompatible(name);
  if (!machine.isStatic) storeWord(machine, slot, expected);
}

function fingerprint(machine: Machine, shape: StateShape): Uint8Array {
  // A byte for each level of the shape and two for its cell.
  machine.meter.chargeKeccak(zexusLimits.values.containerMapDepth + 2);
  return shapeFingerprint(shape);
}

function incompatible(name: string): ReturnType<typeof revertWith> {
  return revertWith(`incompatible state layout: ${name}`);
}
