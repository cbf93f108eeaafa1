import { toHexKey } from '@lucerna/base';
import { expect, it } from 'vitest';
import { BUILTIN_DOCS } from '../../src/compiler/builtin-docs.ts';
import { Deployed } from '../support/deployed.ts';
import { CONTEXT } from '../vm/support.ts';

// Every example of the reference page compiles, and is what the page says.
it.each(BUILTIN_DOCS)('$example', ({ example, gives }) => {
  const answer =
    gives === undefined
      ? `let found = ${example}\n    return found == found`
      : `return (${example}) == (${gives})`;
  const contract = new Deployed(`contract Example {
  action check() -> bool {
    ${answer}
  }
}`);
  contract.host.balances.set(toHexKey(CONTEXT.address), 100n);
  expect(contract.call('check')).toBe(true);
});
