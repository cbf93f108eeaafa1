import type { MessageOptions } from '../account/message.ts';
import type { PasswordOptions } from '../account/password.ts';

/** Options of every `lucerna account` command that looks into a folder. */
export type FolderOptions = {
  readonly keystore?: string;
  readonly json?: boolean;
};

/** Options of `account new` and `account import`. */
export type NewOptions = FolderOptions & PasswordOptions & { readonly lightkdf?: boolean };

/** Options of `account new`. */
export type MakeOptions = NewOptions & {
  /** How many words; true: as many as usual. */
  readonly mnemonic?: number | true;
  /** Print the words also where no terminal is. */
  readonly show?: boolean;
};

/** Options of `account import`. */
export type ImportOptions = NewOptions & {
  /** Path of the keys of words, without the last index. */
  readonly path: string;
  readonly index: number;
  /** A file with the "25th word". */
  readonly passphraseFile?: string;
};

/** Options of `account export`. */
export type ExportOptions = FolderOptions &
  PasswordOptions & { readonly showPrivateKey?: boolean; readonly privateKeyFile?: string };

/** Options of `account sign`. */
export type SignOptions = FolderOptions & PasswordOptions & MessageOptions;

/** Options of `account verify`. */
export type VerifyOptions = MessageOptions & { readonly json?: boolean };

/** Options of `lucerna send`. */
export type SendCommandOptions = FolderOptions &
  PasswordOptions & {
    readonly rpc: string;
    readonly from?: string;
    /** An account that the node signs for. */
    readonly unlocked?: boolean;
    readonly data?: Uint8Array;
    readonly nonce?: bigint;
    readonly gas?: bigint;
    /** Wei for a unit of gas. */
    readonly maxFee?: bigint;
    /** Wei for a unit of gas. */
    readonly tip?: bigint;
    /** The one that the node must be on. */
    readonly chainId?: bigint;
    readonly wait?: boolean;
    /** Milliseconds. */
    readonly timeout: number;
    readonly yes?: boolean;
  };
