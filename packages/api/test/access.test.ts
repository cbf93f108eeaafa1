import {
  type AccessPolicy,
  decideAccess,
  isMethodAllowed,
  isRestrictedMethod,
  METHODS,
  tokenRefusal,
} from '@lucerna/api';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Client, createClient } from './support/client.ts';
import { createFakeNode, type FakeNode } from './support/fake-node.ts';

const dev: AccessPolicy = { allowedHosts: [], allowedOrigins: [] };
const network: AccessPolicy = { ...dev, otherOrigins: 'listed' };
const evil = 'https://evil.example';

describe('the Host header', () => {
  it.each([
    'localhost',
    'localhost:8545',
    'LOCALHOST:1',
    'localhost.:8545',
    'node.localhost:8545',
    '127.0.0.1',
    '127.0.0.1:8545',
    '127.255.1.2:80',
    '[::1]',
    '[::1]:8545',
  ])('may be a name of this machine: %s', (host) => {
    expect(decideAccess({ host, origin: undefined }, dev).allowed).toBe(true);
  });

  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:8545',
    'localhost.evil.example',
    'notlocalhost',
    '127.0.0.1.evil.example',
    '127.0.0.256',
    '128.0.0.1',
    '10.0.0.1:8545',
    '0.0.0.0',
    '[::]',
    '[::1',
    '[::1].evil.example',
    '127.1',
    'localhost:evil',
    'localhost@evil.example',
    'evil.example#localhost',
    'localhost localhost',
  ])('may not be another one: %s', (host) => {
    const decision = decideAccess({ host, origin: undefined }, dev);
    expect(decision.allowed === false && decision.error.code).toBe('RPC_HOST_REFUSED');
  });

  it('may be a listed one, or any when * is listed', () => {
    const listed = { ...dev, allowedHosts: ['Node.Example'] };
    expect(decideAccess({ host: 'node.example:80', origin: undefined }, listed).allowed).toBe(true);
    expect(decideAccess({ host: 'x.node.example', origin: undefined }, listed).allowed).toBe(false);
    const any = { ...dev, allowedHosts: ['*'] };
    expect(decideAccess({ host: 'evil.example', origin: undefined }, any).allowed).toBe(true);
    expect(decideAccess({ host: undefined, origin: undefined }, any).allowed).toBe(false);
  });
});

describe('the Origin header', () => {
  const host = 'localhost:8545';

  it('lets every page read a dev chain, and tells the engine which one it is', () => {
    expect(decideAccess({ host, origin: evil }, dev)).toEqual({
      allowed: true,
      caller: { origin: evil },
      corsOrigin: '*',
    });
  });

  it('is not passed on for programs, pages of this machine and listed origins', () => {
    const listed = { ...dev, allowedOrigins: ['https://App.example'] };
    for (const origin of [undefined, 'http://localhost:3000', 'https://app.example']) {
      expect(decideAccess({ host, origin }, listed)).toEqual({
        allowed: true,
        caller: {},
        corsOrigin: '*',
      });
    }
  });

  it('must be listed or of this machine on a network node', () => {
    const listed = { ...network, allowedOrigins: [evil] };
    expect(decideAccess({ host, origin: evil }, network).allowed).toBe(false);
    expect(decideAccess({ host, origin: 'null' }, network).allowed).toBe(false);
    for (const origin of [undefined, 'http://127.0.0.1:3000']) {
      expect(decideAccess({ host, origin }, network)).toMatchObject({ corsOrigin: origin });
    }
    expect(decideAccess({ host, origin: evil }, listed)).toMatchObject({ corsOrigin: evil });
  });
});

describe('the Authorization header', () => {
  const token = 'abcdefghijklmnopqrstuvwxyz.0123456789';
  const guarded = { ...dev, token };

  it('does not matter where no token is wanted', () => {
    expect(tokenRefusal(undefined, dev)).toBeUndefined();
    expect(tokenRefusal('Basic eA==', dev)).toBeUndefined();
  });

  it.each([`Bearer ${token}`, `BEARER ${token}`, `bearer   ${token}  `])(
    'lets in who shows the token: "%s"',
    (header) => {
      expect(tokenRefusal(header, guarded)).toBeUndefined();
    },
  );

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer undefined',
    token,
    ` Bearer ${token}`,
    `Bearer${token}`,
    `Basic ${token}`,
    `Bearer ${token}0`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token}, Bearer ${token}`,
  ])('keeps out who does not: "%s"', (header) => {
    expect(tokenRefusal(header, guarded)?.code).toBe('RPC_TOKEN_REFUSED');
  });
});

describe('restricted methods', () => {
  it('are so under each of their names', () => {
    for (const [name, { restricted }] of METHODS) {
      expect(isRestrictedMethod(name), name).toBe(restricted);
    }
  });

  it.each([
    ['anvil_setBalance', true],
    ['hardhat_reset', true],
    ['evm_mine', true],
    ['eth_sendTransaction', true],
    ['eth_sendUnsignedTransaction', true],
    ['eth_sign', true],
    ['eth_signTypedData_v4', true],
    ['eth_sendRawTransaction', false],
    ['eth_getBalance', false],
    ['net_version', false],
  ])('%s: %s', (method, restricted) => {
    expect(isRestrictedMethod(method)).toBe(restricted);
    expect(isMethodAllowed(method, { origin: evil })).toBe(!restricted);
    expect(isMethodAllowed(method, {})).toBe(true);
  });

  it.each([
    ['http://localhost', true],
    ['http://localhost:3000', true],
    ['https://app.localhost', true],
    ['http://127.0.0.1:5173', true],
    ['http://[::1]:5173', true],
    ['null', false],
    ['', false],
    ['file://', false],
    ['localhost', false],
    ['http://localhost.evil.example', false],
    ['http://evil.example?localhost', false],
    ['http://localhost@evil.example', false],
    ['chrome-extension://localhost', false],
    ['https://localhost, https://evil.example', false],
  ])('from %s: %s', (origin, allowed) => {
    expect(isMethodAllowed('evm_mine', { origin })).toBe(allowed);
  });
});

describe('the engine', () => {
  let node: FakeNode;
  let client: Client;

  beforeAll(async () => {
    node = await createFakeNode();
    client = createClient(node);
  });

  it('refuses restricted methods of foreign pages with -32000', async () => {
    const before = node.mined.length;
    const { error } = await client.call('evm_mine', [], { origin: evil });
    expect(error.code).toBe(-32000);
    expect(error.message).toBe(`the method evm_mine is not allowed from origin ${evil}`);
    expect(node.mined.length).toBe(before);
  });

  it('refuses them one by one in a batch', async () => {
    const body = [
      'eth_chainId',
      'evm_mine',
      'eth_sendTransaction',
      'hardhat_reset',
      'eth_blockNumber',
    ].map((method, id) => ({ jsonrpc: '2.0', id, method }));
    const answers = await client.send(JSON.stringify(body), { origin: evil });
    expect(answers.map((each: Answer) => each.error?.code)).toEqual([
      undefined,
      -32000,
      -32000,
      -32000,
      undefined,
    ]);
  });

  it('refuses them as notifications, too', async () => {
    const before = node.mined.length;
    await client.send('{"jsonrpc":"2.0","method":"evm_mine"}', { origin: 'null' });
    expect(node.mined.length).toBe(before);
  });

  it('does not repeat an origin of any length', async () => {
    const { error } = await client.call('evm_mine', [], { origin: `https://${'x'.repeat(9_999)}` });
    expect(error.message.length).toBeLessThan(400);
  });
});
