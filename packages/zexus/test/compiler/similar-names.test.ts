import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { didYouMean } from '../../src/compiler/similar-names.ts';

describe('the name that is meant', () => {
  it.each([
    ['balaces', 'balances'],
    ['ballances', 'balances'],
    ['blaances', 'balances'],
    ['balancez', 'balances'],
    ['BALANCES', 'balances'],
    ['tot', 'to'],
  ])('%s: %s', (name, meant) => {
    expect(didYouMean(name, ['owner', 'balances', 'to'])).toBe(`did you mean ${meant}?`);
  });

  it('is not guessed when it is too different', () => {
    for (const name of ['x', 'ow', 'price', 'balancesOfAll', 'secnalab']) {
      expect(didYouMean(name, ['owner', 'balances', 'y'])).toBeUndefined();
    }
    expect(didYouMean('owner', ['owner'])).toBeUndefined();
    expect(didYouMean('a'.repeat(100), ['b'.repeat(100)])).toBeUndefined();
  });

  it('is the nearest one, and is spelled as it has to stand', () => {
    const spell = (name: string): string => `this.${name}()`;
    expect(didYouMean('transfre', ['transform', 'transfer'], spell)).toBe(
      'did you mean this.transfer()?',
    );
  });
});

/** The hint of the first diagnostic for the statements of an action. */
function hintOf(statements: string): string | undefined {
  const text = `contract C {
  data balances: map<address, integer>
  event Transfer(to: address)
  error TooLow(n: integer)
  action send(amount: integer) {
    let recipient = TX.caller
    balances[recipient] = amount
    ${statements}
  }
}`;
  return compile({ name: 'c.zx', text }).diagnostics[0]?.hint;
}

describe('hints for slips of writing', () => {
  it.each([
    ['balaces[recipient] = 1', 'did you mean balances?'],
    ['this.balance[recipient] = 1', 'write balance_of(this)'],
    ['this.balancess[recipient] = 1', 'did you mean balances?'],
    ['require amuont', 'did you mean amount?'],
    ['require recipiant', 'did you mean recipient?'],
    ['trasnfer(recipient, 1)', 'did you mean transfer(…)?'],
    ['this.sned(1)', 'did you mean this.send(…)?'],
    ['sned(1)', 'did you mean this.send(…)?'],
    ['require "a".uper()', 'did you mean upper?'],
    ['let a: adress = recipient; require a', 'did you mean address?'],
    ['revert TooLov(1)', 'did you mean TooLow?'],
    ['emit Tranfer(recipient)', 'did you mean Transfer?'],
    ['assert(amount > 1)', 'write require(condition, message)'],
  ])('%s', (statements, hint) => {
    expect(hintOf(statements)).toBe(hint);
  });
});
