import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileContract } from '@lucerna/sdk';
import { keccak256, stringToHex, toEventSelector, toFunctionSelector } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCli } from '../support/cli-process.ts';
import {
  contractFile,
  failure,
  resultJson,
  resultText,
  runContract,
  tokenFile,
} from '../support/contract-cli.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

let directory: TemporaryDirectory;

beforeAll(() => {
  directory = makeTemporaryDirectory();
});

afterAll(() => {
  directory.remove();
});

const pathOf = (name: string): string => join(directory.path, name);

function fileWith(name: string, content: string | Uint8Array): string {
  writeFileSync(pathOf(name), content);
  return pathOf(name);
}

const vaultFile = contractFile('vault.zx');
const token = compileContract(readFileSync(tokenFile, 'utf8'), { sourceName: 'token.zx' });
const bytecodeFile = (): string =>
  fileWith('token.zxc', Buffer.from(token.bytecode.slice(2), 'hex'));

describe('compile', () => {
  test('prints what the library compiles, as JSON', async () => {
    const { code, stdout, stderr } = await runContract('compile', tokenFile);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const artifact = JSON.parse(stdout);
    expect(artifact).toMatchObject({
      contractName: 'Token',
      sourceName: tokenFile,
      abi: token.abi,
      bytecode: token.bytecode,
      deployedBytecode: token.bytecode,
      metadata: { source: keccak256(readFileSync(tokenFile)) },
    });
    expect(stdout).toContain('\n  "contractName"');
  });

  test('leaves out the source map with --strip', async () => {
    const [whole, bare] = [
      await resultText('disasm', tokenFile),
      await resultText('compile', tokenFile, '--strip', '--json'),
    ];
    expect(whole).toMatch(/^contract Token ; version 2, compiled from "token\.zx"$/m);
    expect(whole).toMatch(/^ {2}; line \d+:\d+$/m);
    const { bytecode } = JSON.parse(bare);
    const text = readFileSync(tokenFile, 'utf8');
    expect(bytecode).toBe(compileContract(text, { sourceMap: false }).bytecode);
    expect(bytecode.length).toBeLessThan(token.bytecode.length);
    const stripped = fileWith('stripped.zxc', Buffer.from(bytecode.slice(2), 'hex'));
    expect(await resultText('disasm', stripped)).not.toContain('; line');
  });

  test('prints one line with --json, and nothing when it writes a file', async () => {
    const line = await resultText('compile', tokenFile, '--json');
    expect(line).not.toContain('\n');
    const out = pathOf('token.json');
    const written = await runContract('compile', tokenFile, '--out', out);
    expect(written).toMatchObject({ code: 0, stdout: '' });
    expect(written.stderr).toContain(out);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(JSON.parse(line));
  });

  test('shows every error with its line and a caret', async () => {
    const file = contractFile('wrong.zx');
    const { code, stdout, stderr } = await runContract('compile', file);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const lines = stderr.split('\n');
    expect(lines.filter((line) => line.startsWith(`${file}:`)).length).toBeGreaterThan(1);
    const at = lines.findIndex((line) => line.startsWith(`${file}:3:22: error: `));
    expect(lines.slice(at + 1, at + 3)).toEqual([
      '    action first() { totl = 1 }',
      '                     ^^^^',
    ]);
    expect(stderr).toMatch(/\nerror: .*\[COMPILE_FAILED\]\n/);
  });

  test('shows errors as JSON lines with --json', async () => {
    const { code, stdout, stderr } = await runContract(
      'compile',
      contractFile('wrong.zx'),
      '--json',
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({
      severity: 'error',
      code: expect.stringMatching(/^[A-Z_]+$/),
      file: contractFile('wrong.zx'),
      line: 3,
      column: 22,
      endLine: 3,
      endColumn: 26,
    });
    expect(lines.at(-1)).toMatchObject({ error: { code: 'COMPILE_FAILED' } });
  });

  test('warns on stderr and still compiles', async () => {
    const { code, stdout, stderr } = await runContract('compile', contractFile('doubtful.zx'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ contractName: 'Doubtful' });
    expect(stderr).toMatch(/doubtful\.zx:3:16: warning: .*\n.*\n {15}\^+\n/);
  });

  test('asks which contract of several, and takes the one that is named', async () => {
    const pair = contractFile('pair.zx');
    expect(await failure('compile', pair)).toMatchObject({
      code: 'CONTRACT_AMBIGUOUS',
      message: expect.stringContaining('First, Second'),
      remedy: expect.stringContaining('--contract'),
    });
    expect(await failure('compile', pair, '--contract', 'Third')).toMatchObject({
      code: 'CONTRACT_MISSING',
      message: expect.stringContaining('First, Second'),
    });
    expect(await resultJson('compile', pair, '--contract', 'Second')).toMatchObject({
      contractName: 'Second',
    });
    const empty = fileWith('empty.zx', '// nothing\n');
    expect(await failure('compile', empty)).toMatchObject({ code: 'COMPILE_FAILED' });
  });

  test('says what is wrong with its files', async () => {
    expect(await failure('compile', pathOf('absent.zx'))).toMatchObject({
      code: 'INPUT_UNREADABLE',
      message: expect.stringContaining('absent.zx'),
    });
    expect(await failure('inspect', 'ef5a'.repeat(12))).toMatchObject({
      code: 'INPUT_UNREADABLE',
      message: expect.stringContaining('needs 0x in front'),
    });
    expect(await failure('compile', directory.path)).toMatchObject({ code: 'INPUT_UNREADABLE' });
    const latin = fileWith('latin.zx', Uint8Array.of(0x2f, 0x2f, 0xfc, 0x0a));
    expect(await failure('compile', latin)).toMatchObject({ code: 'INPUT_UNREADABLE' });
    const large = fileWith('large.zx', ' '.repeat(4_194_305));
    expect(await failure('compile', large)).toMatchObject({ code: 'INPUT_TOO_LARGE' });
    expect(await failure('compile', bytecodeFile())).toMatchObject({ code: 'INPUT_UNREADABLE' });
    const out = pathOf('no-such-folder/token.json');
    expect(await failure('compile', tokenFile, '--out', out)).toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
    });
  });
});

describe('a source that was compiled before', () => {
  const run = (file: string, cacheDirectory: string, ...more: readonly string[]) =>
    startCli(['contract', 'compile', file, '--json', ...more], {
      env: { LUCERNA_CACHE_DIR: cacheDirectory },
    }).finished;
  const entries = (cacheDirectory: string): readonly string[] =>
    existsSync(cacheDirectory) ? readdirSync(cacheDirectory) : [];

  test('is looked up, with what the compiler said then', async () => {
    const cache = pathOf('cache');
    const doubtful = fileWith(
      'doubtful.zx',
      'contract Doubtful { action give(a) { return a + 1 } }',
    );
    const first = await run(doubtful, cache);
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('TYPE_INFERRED') });
    expect(entries(cache)).toHaveLength(1);
    expect(await run(doubtful, cache)).toEqual(first);
    // The entry is used: another one in its place is what comes out.
    const [name = ''] = entries(cache);
    const [, json = ''] = readFileSync(join(cache, name), 'utf8').split('\n');
    const forged = json.replace('"notes":[', '"notes":[{"text":"forged","json":"forged"},');
    const hash = keccak256(stringToHex(forged)).slice(2);
    writeFileSync(join(cache, name), `${hash}\n${forged}`);
    expect((await run(doubtful, cache)).stderr).toContain('forged');
    writeFileSync(join(cache, name), `${hash}\n${forged} `);
    expect(await run(doubtful, cache)).toEqual(first);
  });

  test('is compiled again when it, a file that it uses, or an option is another', async () => {
    const cache = pathOf('cache-of-files');
    const library = fileWith('two.zx', 'export const TWO = 2');
    const source = fileWith(
      'uses.zx',
      'use "./two.zx"\ncontract Uses { action view two() -> integer { return TWO } }',
    );
    const first = await run(source, cache);
    expect(first.code).toBe(0);
    writeFileSync(library, 'export const TWO = 3');
    const second = await run(source, cache);
    expect(second.code).toBe(0);
    expect(second.stdout).not.toBe(first.stdout);
    expect(entries(cache)).toHaveLength(1);
    await run(source, cache, '--strip');
    expect(entries(cache)).toHaveLength(2);
  });

  test('leaves nothing with --no-cache, nor when it has errors', async () => {
    const cache = pathOf('cache-of-nothing');
    expect((await run(tokenFile, cache, '--no-cache')).code).toBe(0);
    expect((await run(fileWith('wrong.zx', 'contract {'), cache)).code).toBe(1);
    expect(entries(cache)).toEqual([]);
  });
});

describe('abi, inspect and disasm', () => {
  test('read sources, compiled JSON, bytecode in files and hex text alike', async () => {
    const artifact = pathOf('artifact.json');
    await resultText('compile', tokenFile, '--out', artifact);
    const hexFile = fileWith('token.hex', `${token.bytecode}\n`);
    const listing = await resultText('disasm', tokenFile);
    for (const input of [artifact, hexFile, bytecodeFile(), token.bytecode]) {
      expect(await resultJson('abi', input)).toEqual(token.abi);
      expect(await resultText('disasm', input)).toBe(listing);
    }
    expect(listing).toMatch(/^contract Token ; version 2, compiled from "token\.zx"\n/);
    expect(listing).toMatch(/MAP_WRITE \d+ 1 +; balances/);
    expect(await resultJson('disasm', tokenFile)).toEqual({ contractName: 'Token', text: listing });
    expect(JSON.parse(await resultText('abi', tokenFile))).toEqual(token.abi);
  });

  test('inspect knows selectors, topics and slots', async () => {
    const facts = await resultJson<Record<string, unknown>>('inspect', vaultFile);
    const { bytecode } = compileContract(readFileSync(vaultFile, 'utf8'), {
      sourceName: 'vault.zx',
    });
    expect(facts).toMatchObject({
      contractName: 'Vault',
      address: null,
      size: bytecode.length / 2 - 1,
      codeHash: keccak256(bytecode),
      constructorArguments: null,
      init: { parameters: [{ name: 'first_note', type: 'string' }], mutability: 'payable' },
      state: ['note', 'total', 'counts'].map((name, index) => ({
        name,
        keys: index === 2 ? 1 : 0,
        type: index === 0 ? 'untyped' : 'integer',
        slot: keccak256(stringToHex(`zx.storage.${name}`)),
      })),
    });
    expect(facts['actions']).toContainEqual({
      name: 'deposits_of',
      mutability: 'view',
      parameters: [{ name: 'who', type: 'address' }],
      result: 'uint256',
      gasLimit: null,
      signature: 'depositsOf(address)',
      selector: toFunctionSelector('depositsOf(address)'),
    });
    expect(facts['actions']).toContainEqual(
      expect.objectContaining({ name: 'hidden', signature: null, selector: null }),
    );
    expect(facts['events']).toMatchObject([
      {
        signature: 'Deposited(address,uint256,string)',
        topic: toEventSelector('Deposited(address,uint256,string)'),
        fields: [{ indexed: true }, { indexed: false }, { indexed: false }],
      },
      { signature: 'Tagged(string,bytes4)' },
    ]);
  });

  test('inspect writes the same for people', async () => {
    const text = await resultText('inspect', vaultFile);
    expect(text).toMatch(/^Vault\n/);
    expect(text).toContain(
      `${toFunctionSelector('deposit(string)')}  deposit(memo: string) payable`,
    );
    expect(text).toMatch(/depositsOf\(who: address\) -> uint256 view, in the source deposits_of$/m);
    expect(text).toMatch(/not callable from outside\n {2}hidden\(\)$/m);
    expect(text).toMatch(/0x[0-9a-f]{64} {2}counts\[key\]: integer$/m);
    expect(text).toMatch(/ {2}Size +\d+ of 49152 bytes$/m);
  });

  test('deployment data is a contract with arguments', async () => {
    const word = `${'0'.repeat(63)}7`;
    expect(await resultJson('inspect', `${token.bytecode}${word}`)).toMatchObject({
      contractName: 'Token',
      constructorArguments: `0x${word}`,
      codeHash: keccak256(token.bytecode),
    });
  });

  test('refuse what is no contract', async () => {
    expect(await failure('inspect', '0x6001')).toMatchObject({ code: 'ZXC_MAGIC' });
    const broken = `${token.bytecode.slice(0, -2)}${token.bytecode.endsWith('00') ? '01' : '00'}`;
    expect(await failure('disasm', broken)).toMatchObject({ code: 'ZXC_CRC' });
    expect(await failure('disasm', token.bytecode.slice(0, -2))).toMatchObject({
      code: 'ZXC_TRUNCATED',
    });
    const noArtifact = fileWith('package.json', '{"name":"x"}');
    expect(await failure('abi', noArtifact)).toMatchObject({ code: 'ARTIFACT_INVALID' });
    expect(await failure('abi', fileWith('not.json', '{'))).toMatchObject({
      code: 'ARTIFACT_INVALID',
    });
  });
});

describe('the command line', () => {
  test.each([
    'contract',
    'contract compile',
    'contract compile a.zx b.zx',
    'contract burn a.zx',
    'contract call 0x00',
    'contract query 0x00 name --rpc ftp://127.0.0.1',
    'contract query 0x00 name --rpc localhost',
    'contract call 0x00 name --value 1ether',
    'contract call 0x00 name --value -1',
    'contract call 0x00 name --gas 0x10000000000000000',
    'contract call 0x00 name --timeout soon',
    'contract call 0x00 name --private-key 0x12',
    'contract call 0x00 name --speed 1',
  ])('`%s` is refused', async (line) => {
    const { code, stdout } = await runContract(...line.split(' ').slice(1));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  test('a key is not repeated, and does not go with --from', async () => {
    const almost = `0x${'a7'.repeat(31)}a`;
    const wrong = await runContract('call', '0x00', 'name', '--private-key', almost);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('--private-key');
    expect(wrong.stderr).not.toContain('a7a7');
    const both = ['--private-key', `0x${'a7'.repeat(32)}`, '--from', '0x00'];
    const conflict = await runContract('call', '0x00', 'name', ...both);
    expect(conflict).toMatchObject({ code: 2, stdout: '' });
    expect(conflict.stderr).not.toContain('a7a7');
  });

  test('help names the commands', async () => {
    const help = await resultText('--help');
    for (const name of ['compile', 'abi', 'inspect', 'disasm', 'deploy', 'call', 'query']) {
      expect(help).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
  });
});
