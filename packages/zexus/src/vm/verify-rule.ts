import { zexusErrors } from '../errors.ts';

/** What a program has to obey beyond the format of its container; the name is the error's `rule`. */
export const VERIFIER_RULES = {
  'action-arguments': 'a call passes as many arguments as the action has parameters',
  'action-index': 'a call names an action that exists',
  'action-names': 'no two actions have the same name',
  'action-selector': 'no two functions have the same selector',
  'action-type': 'parameters and results of functions and of init have a type of the ABI',
  'builtin-arguments': 'a builtin gets as many arguments as it takes',
  'builtin-name': 'the constant names a builtin',
  'constant-index': 'the constant exists',
  'constant-kind': 'a constant that names something is a string',
  'constant-value': 'a constant is a value of the language within its limits',
  'event-arguments': 'an event gets as many arguments as it has fields',
  'event-fields': 'an event has fields with types of the ABI, at most three indexed',
  'event-index': 'the event exists',
  'fall-off-end': 'the last instruction does not go on to a next one',
  'init-action': 'init is an action that exists, is no function and no view, and has no result',
  'jump-target': 'a jump leads to an instruction of its action',
  'local-limit': 'an action has no more local variables than the limit',
  'map-keys': 'an access to a map has as many keys as the map is deep',
  opcode: 'the opcode exists',
  operands: 'an instruction has its operands, natural numbers below 2³²',
  'parameter-names': 'no two parameters of an action have the same name',
  'source-map': 'a source map has places of each action, in the order of its instructions',
  'stack-join': 'all ways to an instruction lead to the same number of values on the stack',
  'stack-limit': 'the stack has no more values than the limit',
  'stack-underflow': 'an instruction finds the values that it takes on the stack',
  'state-name': 'the constant names a variable of the state, a cell or a map as the access needs',
  'state-schema': 'variables of the state have different names, known types and depths',
  'tx-field': 'TX_READ reads a field that exists',
} as const;

/** Name of a rule of the verifier. */
export type VerifierRule = keyof typeof VERIFIER_RULES;

/** Where a program breaks a rule. */
export type ProgramPosition = {
  readonly action?: string;
  /** Index of the instruction in the action's code. */
  readonly instruction?: number;
};

/** Refuses the program. @throws `PROGRAM_REFUSED` with the fields `rule`, `action`, `instruction` */
export function refuse(rule: VerifierRule, detail: string, position: ProgramPosition = {}): never {
  const place =
    position.action === undefined ? '' : ` in ${position.action}:${position.instruction ?? 0}`;
  const text = `${detail}${place} (${rule}: ${VERIFIER_RULES[rule]})`;
  throw zexusErrors.create('PROGRAM_REFUSED', text, { rule, ...position });
}
