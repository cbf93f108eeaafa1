import { EMPTY_BYTES, equalBytes } from '@lucerna/base';
import { type AccessListEntry, protocolLimits } from '@lucerna/protocol';
import type { TransactionRequest } from '../node-api.ts';
import { address, data, hash, quantity64, quantity256 } from './forms.ts';
import { arrayOf, type OptionalFields, objectOf, type ParamSchema, paramError } from './params.ts';

/** A request that also says for which chain it is meant. */
export type ParsedRequest = TransactionRequest & { readonly chainId?: bigint };

const ZERO_ADDRESS = new Uint8Array(20);

const entryFields = objectOf({
  address,
  storageKeys: arrayOf(hash, protocolLimits.values.accessListStorageKeys),
});

const accessListEntry: ParamSchema<AccessListEntry> = {
  ...entryFields,
  parse: (value, path): AccessListEntry => {
    const entry = entryFields.parse(value, path);
    if (entry.address === undefined) throw paramError(`${path}.address: missing`);
    return { address: entry.address, storageKeys: entry.storageKeys ?? [] };
  },
};

const fields = {
  from: address,
  to: address,
  value: quantity256,
  data,
  input: data,
  gas: quantity64,
  gasPrice: quantity256,
  maxFeePerGas: quantity256,
  maxPriorityFeePerGas: quantity256,
  nonce: quantity64,
  chainId: quantity64,
  type: typeForm(),
  accessList: arrayOf(accessListEntry, protocolLimits.values.accessListEntries),
};

type Fields = OptionalFields<typeof fields>;

// What only transactions of types 3 and 4 have.
const refused = [
  'authorizationList',
  'blobVersionedHashes',
  'blobs',
  'commitments',
  'maxFeePerBlobGas',
  'proofs',
  'sidecars',
];

const requestFields = objectOf(fields, refused);

/**
 * A call or a transaction. Clients send the data as `data`, as `input` or as both; both must then be
 * the same. Fees are a gas price or the two caps, not both.
 */
export const transactionRequest: ParamSchema<ParsedRequest> = {
  ...requestFields,
  parse: (value, path): ParsedRequest => {
    const given = requestFields.parse(value, path);
    requireConsistent(given, path);
    const { from, to, data: callData, input, value: wei, accessList, ...rest } = given;
    return {
      ...rest,
      from: from ?? ZERO_ADDRESS,
      to: to ?? null,
      value: wei ?? 0n,
      data: input ?? callData ?? EMPTY_BYTES,
      accessList: accessList ?? [],
    };
  },
};

/** A request whose sender must be named, because it is signed for or completed. */
export const sendRequest: ParamSchema<ParsedRequest> = {
  ...transactionRequest,
  parse: (value, path): ParsedRequest => {
    const request = transactionRequest.parse(value, path);
    const { from } = value as { readonly from?: unknown };
    if (from === undefined || from === null) throw paramError(`${path}.from: missing`);
    return request;
  },
};

function requireConsistent(given: Fields, path: string): void {
  const { data: callData, input, type } = given;
  if (callData !== undefined && input !== undefined && !equalBytes(callData, input)) {
    throw paramError(`${path}: both "data" and "input" are set and not equal`);
  }
  const hasCaps = given.maxFeePerGas !== undefined || given.maxPriorityFeePerGas !== undefined;
  if (hasCaps && given.gasPrice !== undefined) {
    throw paramError(`${path}: both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified`);
  }
  if (hasCaps && type !== undefined && type !== 2) {
    throw paramError(`${path}: maxFeePerGas and maxPriorityFeePerGas need type 0x2`);
  }
  if (type === 0 && (given.accessList?.length ?? 0) > 0) {
    throw paramError(`${path}: accessList needs type 0x1 or 0x2`);
  }
}

function typeForm(): ParamSchema<0 | 1 | 2> {
  return {
    expected: 'a transaction type: 0x0, 0x1 or 0x2',
    schema: { type: 'string', enum: ['0x0', '0x1', '0x2'] },
    parse: (value, path): 0 | 1 | 2 => {
      if (value === '0x0' || value === '0x00') return 0;
      if (value === '0x1' || value === '0x01') return 1;
      if (value === '0x2' || value === '0x02') return 2;
      throw paramError(`${path}: transaction type not supported (0x0, 0x1 and 0x2 are)`);
    },
  };
}
