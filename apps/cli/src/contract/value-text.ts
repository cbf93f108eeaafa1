import { type AbiType, type AbiValue, abiValueToJson, type JsonValue } from '@lucerna/protocol';
import { printable } from './printable.ts';

/** A value of a contract for people: as JSON has it, but only text in quotes. */
export function valueText(type: AbiType, value: AbiValue): string {
  return printable(textOf(type, abiValueToJson(type, value)));
}

function textOf(type: AbiType, json: JsonValue): string {
  if (Array.isArray(json)) {
    const members = json.map((member, index) => {
      const inner = type.kind === 'tuple' ? type.components[index] : undefined;
      return textOf(type.kind === 'array' ? type.element : (inner ?? type), member);
    });
    return `[${members.join(', ')}]`;
  }
  return type.kind === 'string' ? JSON.stringify(json) : String(json);
}
