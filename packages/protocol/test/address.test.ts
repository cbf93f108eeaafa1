import { expect, it } from 'vitest';
import { parseAddress } from '../src/index.ts';

it('refuses text that is not 0x and 40 digits', () => {
  const digits = 'ab'.repeat(20);
  const texts = ['', '0x', digits, `0X${digits}`, `0x${digits}0`, `0x${digits.slice(1)}`];
  for (const text of [...texts, `0x${'zz'.repeat(20)}`, ` 0x${digits}`, `0x${digits}\n`]) {
    const refused = expect.objectContaining({ code: 'ADDRESS_INVALID' });
    expect(() => parseAddress(text)).toThrow(refused);
  }
});
