import { address, looseQuantity, looseQuantity256, storageSlot } from '../forms.ts';
import type { Method } from '../method.ts';
import { type ParamSchema, required } from '../params.ts';
import { defineDevSetter } from './dev-method.ts';

const mix: ParamSchema<Uint8Array> = { ...storageSlot, expected: 'at most 32 bytes as 0x hex' };

/** What the next blocks have in their headers. */
export const devBlockMethods: readonly Method[] = [
  defineDevSetter({
    name: 'anvil_setNextBlockBaseFeePerGas',
    aliases: ['hardhat_setNextBlockBaseFeePerGas'],
    summary: 'Sets the base fee of the next block; those after it follow from it.',
    params: [required('baseFee', looseQuantity256, 'Wei per gas.')],
    set: (dev, baseFeePerGas) => dev.setNextBlockBaseFee(baseFeePerGas),
  }),
  defineDevSetter({
    name: 'anvil_setMinGasPrice',
    aliases: ['hardhat_setMinGasPrice'],
    summary: 'Sets what the pool asks a transaction to pay at least.',
    params: [required('gasPrice', looseQuantity256, 'Wei per gas.')],
    set: (dev, wei) => dev.setMinGasPrice(wei),
  }),
  defineDevSetter({
    name: 'anvil_setCoinbase',
    aliases: ['hardhat_setCoinbase'],
    summary: 'Sets who gets the tips from now on.',
    params: [required('address', address, 'The account.')],
    set: (dev, coinbase) => dev.setCoinbase(coinbase),
  }),
  defineDevSetter({
    name: 'anvil_setPrevRandao',
    aliases: ['hardhat_setPrevRandao'],
    summary: 'Sets the mix (PREVRANDAO) of the next block.',
    params: [required('mix', mix, 'Zeros are put before fewer bytes.')],
    set: (dev, mixHash) => dev.setPrevRandao(mixHash),
    answer: true,
  }),
  defineDevSetter({
    name: 'anvil_setBlockGasLimit',
    aliases: ['evm_setBlockGasLimit'],
    summary: 'Sets the gas limit of the next block and of those after it.',
    params: [required('gasLimit', looseQuantity, 'Gas.')],
    set: (dev, gasLimit) => dev.setBlockGasLimit(gasLimit),
    answer: true,
  }),
];
