import type { LucernaError } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { apiErrors } from './errors.ts';

/** Who may reach a node over HTTP. All names are compared in lower case. */
export type AccessPolicy = {
  /** Host names, without port, that may be asked for besides this machine's own; `*` is any. */
  readonly allowedHosts: readonly string[];
  /** Origins of pages that may call everything, such as `https://app.example`; `*` is any. */
  readonly allowedOrigins: readonly string[];
  /**
   * What other pages may do. `any`, the default: call what is not restricted, and read the answers (a
   * dev chain). `listed`: nothing (a network node).
   */
  readonly otherOrigins?: 'any' | 'listed';
  /** What every request has to show as `Authorization: Bearer …`; absent: nothing. */
  readonly token?: string | undefined;
};

/** Who asks, as far as a transport knows. */
export type Caller = {
  /**
   * Origin of the page that asks. Absent for programs and for origins that were listed: they may call
   * everything.
   */
  readonly origin?: string | undefined;
};

/** What an HTTP request says about where it comes from; header values as received. */
export type AccessRequest = {
  readonly host: string | undefined;
  /** Absent when the client is not a page in a browser. */
  readonly origin: string | undefined;
};

/** Whether a request is looked at, and under which CORS header. */
export type AccessDecision =
  | {
      readonly allowed: true;
      /** Who asks, for the JSON-RPC engine. */
      readonly caller: Caller;
      /** Value of `Access-Control-Allow-Origin`; undefined: leave the header out. */
      readonly corsOrigin: string | undefined;
    }
  | { readonly allowed: false; readonly error: LucernaError };

/**
 * Decides about a request from its headers alone.
 *
 * The Host rule defends against DNS rebinding: a page of attacker.example whose name resolves to
 * 127.0.0.1 is of the same origin as the node as far as the browser can tell, but its requests still
 * carry `Host: attacker.example`. The origin rule keeps foreign pages from a network node; on a dev
 * chain they may read the chain, and {@link isMethodAllowed} keeps them from controlling it.
 */
export function decideAccess(request: AccessRequest, policy: AccessPolicy): AccessDecision {
  const { host, origin } = request;
  if (!isHostAllowed(host, policy)) {
    return { allowed: false, error: apiErrors.create('RPC_HOST_REFUSED') };
  }
  const isTrusted =
    origin === undefined || isLoopbackOrigin(origin) || matches(policy.allowedOrigins, origin);
  const caller: Caller = isTrusted ? {} : { origin };
  if (policy.otherOrigins !== 'listed') return { allowed: true, caller, corsOrigin: '*' };
  if (isTrusted) return { allowed: true, caller, corsOrigin: origin };
  return { allowed: false, error: apiErrors.create('RPC_ORIGIN_REFUSED', undefined, { origin }) };
}

/**
 * Why a request with this `Authorization` header (as received) is not looked at: `RPC_TOKEN_REFUSED`.
 * Undefined where it shows the token, or none is wanted (RFC 6750 §2.1).
 */
export function tokenRefusal(
  authorization: string | undefined,
  { token }: AccessPolicy,
): LucernaError | undefined {
  if (token === undefined) return undefined;
  const shown = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (shown !== undefined && isSameSecret(shown, token)) return undefined;
  return apiErrors.create('RPC_TOKEN_REFUSED');
}

/** Takes as long for any text of the same length: nobody learns from it how much of a guess is right. */
function isSameSecret(left: string, right: string): boolean {
  const hashes = [left, right].map((text) => keccak256(new TextEncoder().encode(text)));
  const [shown, wanted] = hashes as [Uint8Array, Uint8Array];
  let difference = 0;
  for (const [index, byte] of shown.entries()) difference |= byte ^ (wanted[index] as number);
  return difference === 0;
}

/** Whether `caller` may call `method`. */
export function isMethodAllowed(method: string, { origin }: Caller): boolean {
  return origin === undefined || !isRestrictedMethod(method) || isLoopbackOrigin(origin);
}

/**
 * True for methods that control the node or use its keys. By prefix, so that a method that is added
 * later, or an alias, cannot be forgotten.
 */
export function isRestrictedMethod(method: string): boolean {
  return RESTRICTED_PREFIXES.some((prefix) => method.startsWith(prefix));
}

const RESTRICTED_PREFIXES: readonly string[] = [
  'anvil_',
  'hardhat_',
  'evm_',
  'tenderly_',
  'personal_',
  'eth_sendTransaction',
  'eth_sendUnsigned',
  'eth_sign',
];

function isHostAllowed(header: string | undefined, policy: AccessPolicy): boolean {
  if (header === undefined) return false;
  const name = hostName(header);
  if (name === undefined) return false;
  return isLoopbackName(name) || matches(policy.allowedHosts, name);
}

/** A page that this machine has served. The opaque origin `null` could be anybody's. */
function isLoopbackOrigin(origin: string): boolean {
  const authority = /^https?:\/\/([^/?#@]+)$/i.exec(origin)?.[1];
  const name = authority === undefined ? undefined : hostName(authority);
  return name !== undefined && isLoopbackName(name);
}

function matches(list: readonly string[], value: string): boolean {
  return list.some((entry) => entry === '*' || entry.toLowerCase() === value.toLowerCase());
}

/** Name of `name`, `name:port`, `[v6]` or `[v6]:port`, in lower case, without a final dot. */
function hostName(authority: string): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec(authority.toLowerCase());
  return match?.[1]?.replace(/\.$/, '');
}

/** Names that browsers and resolvers keep on this machine (RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC 4291). */
function isLoopbackName(name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost') || name === '[::1]') return true;
  const octets = /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(name);
  return octets?.slice(1).every((octet) => Number(octet) <= 255) ?? false;
}
