import { describe, expect, it } from 'vitest';
import { AssertionError, assert, present } from '../src/assert.ts';
import { defineErrors, type ErrorRegistry, isErrorOf, isLucernaError } from '../src/coded-error.ts';
import { defineLimits, type LimitRegistry } from '../src/limit-registry.ts';

const errors: ErrorRegistry<'LAMP_EMPTY'> = defineErrors('lamp', {
  LAMP_EMPTY: { summary: 'The lamp is empty', remedy: 'Fill it.' },
});

const limits: LimitRegistry<'oil'> = defineLimits('lamp', {
  oil: { value: 3, unit: 'spoons', why: 'more spills' },
});

describe('coded errors', () => {
  it('carry code, text, remedy, fields and cause', () => {
    const cause = new Error('leak');
    const error = errors.create('LAMP_EMPTY', 'since noon', { spoons: 0 }, cause);
    expect(error).toMatchObject({
      code: 'LAMP_EMPTY',
      message: 'The lamp is empty: since noon',
      remedy: 'Fill it.',
      fields: { spoons: 0 },
      cause,
    });
    expect(errors.create('LAMP_EMPTY').message).toBe('The lamp is empty');
  });

  it('are told from other errors, by code if asked', () => {
    const error = errors.create('LAMP_EMPTY');
    expect(isLucernaError(error)).toBe(true);
    expect(isLucernaError(error, 'LAMP_EMPTY')).toBe(true);
    expect(isLucernaError(error, 'OTHER')).toBe(false);
    expect(isLucernaError(new Error('The lamp is empty'))).toBe(false);
  });

  it('are told from those of other registries', () => {
    const error = errors.create('LAMP_EMPTY');
    const others = defineErrors('other', { OTHER: { summary: 'Other', remedy: 'Wait.' } });
    expect(isErrorOf(error, others, errors)).toBe(true);
    expect(isErrorOf(error, others)).toBe(false);
    expect(isErrorOf(error)).toBe(false);
    expect(isErrorOf(new Error('LAMP_EMPTY'), errors)).toBe(false);
  });
});

describe('limits', () => {
  it('give their values by name', () => {
    expect(limits.values.oil).toBe(3);
  });
});

describe('assertions', () => {
  it('throw an error that is not a coded one', () => {
    expect(() => assert(false, 'the lamp has a wick')).toThrow(AssertionError);
    expect(() => present(undefined, 'a wick')).toThrow(AssertionError);
    expect(present(0, 'zero is there')).toBe(0);
    assert(true, 'nothing happens');
  });
});
