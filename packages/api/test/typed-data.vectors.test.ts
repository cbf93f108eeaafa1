import { bytesToBigInt, fromHex, toHex } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { publicKeyToAddress } from '@lucerna/protocol';
import { expect } from 'vitest';
import { vectorSuite } from '../../../tools/src/vectors.ts';
import { createClient } from './support/client.ts';
import { ALICE, createFakeNode } from './support/fake-node.ts';

type TypedDataCase = {
  readonly name: string;
  readonly domain: object;
  readonly primaryType: string;
  readonly types: object;
  readonly data: object;
  readonly digest: string;
};

// The digest is right when the signature, recovered with the published one, is the signer's.
vectorSuite<readonly TypedDataCase[], TypedDataCase>('abi/ethers6-typed-data.json', {
  cases: (all) => all.map((each) => [each.name, each]),
  check: async ({ domain, primaryType, types, data, digest }) => {
    const client = createClient(await createFakeNode());
    const typedData = { domain, primaryType, types, message: data };
    const signature = await client.result('eth_signTypedData_v4', toHex(ALICE), typedData);
    const bytes = fromHex(signature);
    const recovery = bytesToBigInt(bytes.subarray(64)) === 28n ? 1 : 0;
    const signed = { bytes: bytes.subarray(0, 64), recovery } as const;
    const publicKey = pureSignatureEngine.recover(fromHex(digest), signed);
    expect(toHex(publicKeyToAddress(publicKey))).toBe(toHex(ALICE));
  },
});
