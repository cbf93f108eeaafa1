import type { NodeApi } from '@lucerna/api';
import { fromHex, isHex, isLucernaError } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { Log } from '@lucerna/protocol';
import { bytecodeOf, type ContractSource } from '../contract-call.ts';
import { type ContractLog, decodedLog, reasonOf } from '../contract-receipt.ts';
import { addressText } from '../contract-values.ts';
import { sdkErrors } from '../errors.ts';
import { type KnownContract, KnownContracts } from '../known-contracts.ts';
import type { DecodeLog } from './views.ts';

/** What the contracts of a ledger are, by the code that they have now. */
export class ContractCodes {
  readonly #api: NodeApi;
  readonly #known = new KnownContracts();
  /** Reads a log by what the contract that made it declares. */
  readonly decode: DecodeLog = (log) => this.decodeAs(log, this.at(log.address));

  constructor(api: NodeApi) {
    this.#api = api;
  }

  /** The contract at the address; undefined where there is none of this language. */
  at(address: Uint8Array): KnownContract | undefined {
    const { height } = this.#api.head().header;
    const { codeHash } = this.#api.account(height, address);
    const code = this.#api.code(height, address);
    return code.length === 0 ? undefined : this.#known.of(codeHash, code);
  }

  /** The same. @throws `VM_CONTRACT_UNKNOWN` */
  require(address: Uint8Array): KnownContract {
    const known = this.at(address);
    if (known !== undefined) return known;
    const text = addressText(address);
    throw sdkErrors.create('VM_CONTRACT_UNKNOWN', text, { address: text });
  }

  /** What a source, bytecode or artifact is. @throws `COMPILE_FAILED`, `ZXC_*`, `VM_CONTRACT_UNKNOWN` */
  of(source: ContractSource, name?: string): KnownContract {
    const bytecode = bytecodeOf(source, name);
    const known = this.#known.of(keccak256(bytecode), bytecode);
    if (known === undefined) throw sdkErrors.create('VM_CONTRACT_UNKNOWN', 'it is no bytecode');
    return known;
  }

  /** A log by what another contract declares: that behind a proxy. */
  decodeAs(log: Log, contract: KnownContract | undefined): ContractLog {
    try {
      return decodedLog(log, contract?.container);
    } catch (error) {
      // A contract may have had other code when it made the log.
      if (!isLucernaError(error)) throw error;
      return decodedLog(log, undefined);
    }
  }

  /** A revert as the error of the library, with what it says; any other error as it is. */
  callFailure(error: unknown, to: Uint8Array | null, contract?: KnownContract): unknown {
    if (!isLucernaError(error, 'CALL_REVERTED')) return error;
    const { data } = error.fields;
    const bytes = typeof data === 'string' && isHex(data) ? fromHex(data) : new Uint8Array(0);
    const known = contract ?? (to === null ? undefined : this.at(to));
    const reason = reasonOf(bytes, known?.abi ?? []);
    return sdkErrors.create('LEDGER_CALL_FAILED', reason, { reason, data }, error);
  }
}
