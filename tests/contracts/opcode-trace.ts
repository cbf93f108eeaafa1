import {
  type Container,
  type Instruction,
  OPCODES,
  opcodeByCode,
  opcodeByName,
} from '@lucerna/zexus';
import { keccak256, stringToHex } from 'viem';

const EMIT = opcodeByName('EMIT')?.code ?? 0;
const eventName = (opcode: number): string => `Trace_${opcodeByCode(opcode)?.name}`;

/** First topic of the event that stands for an opcode, without 0x, to the opcode's name. */
export const TRACE_TOPICS: ReadonlyMap<string, string> = new Map(
  OPCODES.map(({ code, name }) => [keccak256(stringToHex(`${eventName(code)}()`)).slice(2), name]),
);

/**
 * The container with an event in front of each instruction that says which one comes next. It
 * returns the same, for more gas, and so that views can tell too, nothing is a view.
 */
export function withTrace(container: Container): Container {
  const firstEvent = container.events.length;
  const indexOf = new Map(OPCODES.map(({ code }, index) => [code, firstEvent + index]));
  return {
    ...container,
    events: [
      ...container.events,
      ...OPCODES.map(({ code }) => ({ name: eventName(code), fields: [] })),
    ],
    actions: container.actions.map((action) => ({
      ...action,
      mutability: action.mutability === 'view' ? 'nonpayable' : action.mutability,
      code: action.code.flatMap((instruction): readonly Instruction[] => [
        { opcode: EMIT, operands: [indexOf.get(instruction.opcode) ?? 0, 0] },
        relocated(instruction),
      ]),
    })),
  };
}

/** Each instruction has become two, and a jump goes to the first of them. */
function relocated(instruction: Instruction): Instruction {
  if (opcodeByCode(instruction.opcode)?.operand !== 'jump') return instruction;
  return { ...instruction, operands: instruction.operands.map((target) => target * 2) };
}
