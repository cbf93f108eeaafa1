const randomness =
  'every node has to come to the same result: take numbers from a commitment that is revealed later, or from an oracle';
const floating =
  'contracts have integers only: scale amounts, such as 18 decimals, and divide last';
const files = 'a contract reads and writes its own state only: pass data in as arguments';
const secrets = 'whatever a contract knows is public: sign outside and check with verify_signature';
const output = 'nobody sees what a contract prints: emit an event';
const waiting = 'a contract runs from its call to its end: let another call go on';
const opaque = 'only what the compiler has seen runs: call another contract instead';

/**
 * Functions of upstream's scripts, and some that people try, which contracts do not have: why, and what
 * to do instead, as the hint of a diagnostic.
 */
export const FORBIDDEN_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['random', randomness],
  ['random_int', randomness],
  ['randint', randomness],
  ['uuid', randomness],
  ['float', floating],
  ['to_float', floating],
  ['floor', '/ rounds down: write a / b'],
  ['ceil', '/ rounds down: write (a + b - 1) / b to round up'],
  ['round', '/ rounds down: write (a + b / 2) / b to round to the nearest'],
  ['sin', floating],
  ['cos', floating],
  ['log10', floating],
  ['read_file', files],
  ['file_read', files],
  ['file_read_text', files],
  ['file_write', files],
  ['file_write_text', files],
  ['file_exists', files],
  ['write_file', files],
  ['http_get', files],
  ['http_post', files],
  ['fetch', files],
  ['find', files],
  ['load', files],
  ['env', files],
  ['input', files],
  ['generateKeypair', secrets],
  ['generate_keypair', secrets],
  ['signature', secrets],
  ['sign', secrets],
  ['print', output],
  ['println', output],
  ['debug', output],
  ['console_log', output],
  ['sleep', waiting],
  ['spawn', waiting],
  ['await', waiting],
  ['eval', opaque],
  ['exec', opaque],
  ['assert', 'write require(condition, message)'],
  ['ecrecover', 'write recover_address(digest, signature)'],
  ['undefined', 'what is not there is null'],
  ['None', 'what is not there is null'],
  ['nil', 'what is not there is null'],
  ['True', 'write true'],
  ['False', 'write false'],
  ['block', 'write TX.timestamp, TX.block_number and the like'],
  ['gas', 'what is left of the gas cannot be seen: results do not depend on it'],
  ['gas_left', 'what is left of the gas cannot be seen: results do not depend on it'],
  ['tx', 'write TX.caller, TX.value and the like'],
  ['deriveAddress', 'write derive_address(publicKey)'],
  ['ripemd160', 'the hashes are sha256, keccak256 and blake3'],
  ['md5', 'it is broken: the hashes are sha256, keccak256 and blake3'],
  ['sha1', 'it is broken: the hashes are sha256, keccak256 and blake3'],
  ['sha512', 'the hashes are sha256, keccak256 and blake3'],
]);
