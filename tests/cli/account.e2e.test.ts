import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  decryptKeystoreJson,
  encryptKeystoreJson,
  HDNodeWallet,
  Signature,
  SigningKey,
  verifyMessage,
  verifyTypedData,
  Wallet,
} from 'ethers';
import { afterAll, describe, expect, test } from 'vitest';
import { devAccount } from '../support/dev-accounts.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';
import { hasTerminal, type WalletRun, walletCli } from '../support/wallet-cli.ts';

// Every secret of this file is in `secrets`; at the end nothing that was printed has any of them.

const KEY = '0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318';
const KEY_ADDRESS = '0x2c7536E3605D9C16a7a3D7b1898e529396a65c23';
const WORDS = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
const PASSWORD = 'correct horse battery';
const secrets: string[] = [KEY.slice(2), WORDS, WORDS.replaceAll(' ', ', '), PASSWORD];

const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

const at = (name: string): string => join(directory.path, name);
const folder = at('keystore');
const cli = walletCli(folder);
const { failure, run, text } = cli;
const withPassword: WalletRun = { env: { LUCERNA_PASSWORD: PASSWORD } };
/** Light ones where the costs do not matter. */
const add = (...args: readonly string[]): readonly string[] => [
  ...['account', ...args, '--lightkdf', '--json'],
];

/** An account of ethers as its keystores take it: without the words. */
const plain = ({ address, privateKey }: { address: string; privateKey: string }) => ({
  address,
  privateKey,
});

type Added = { readonly address: string; readonly file: string; readonly mnemonic?: string };

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content);
  return at(name);
}

const modeOf = (path: string): number => statSync(path).mode & 0o777;
const namesIn = (path: string): readonly string[] => (existsSync(path) ? readdirSync(path) : []);

describe('new', () => {
  test('makes a keystore as geth names it, for its owner only, which ethers opens', async () => {
    const added: Added = JSON.parse(await text(['account', 'new', '--json'], withPassword));
    expect(basename(added.file)).toMatch(
      /^UTC--\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{9}Z--[0-9a-f]{40}$/,
    );
    expect(added.file.endsWith(added.address.slice(2).toLowerCase())).toBe(true);
    expect([modeOf(folder), modeOf(added.file)]).toEqual([0o700, 0o600]);
    expect(namesIn(folder)).toEqual([basename(added.file)]);
    const content = readFileSync(added.file, 'utf8');
    expect(JSON.parse(content).crypto.kdfparams).toMatchObject({ n: 262_144, r: 8, p: 1 });
    const opened = await decryptKeystoreJson(content, PASSWORD);
    expect(opened.address).toBe(added.address);
    secrets.push(opened.privateKey.slice(2));
  });

  test('puts them where the user keeps state, or where the options say', async () => {
    const env = { LUCERNA_PASSWORD: 'x', LUCERNA_KEYSTORE: '', HOME: at('home') };
    const added = async (state: string): Promise<string> => {
      // In a process of its own, whose environment says where home is.
      const options = { env: { ...env, XDG_STATE_HOME: state }, input: '' };
      return JSON.parse(await text(add('new'), options)).file;
    };
    expect(await added(at('state'))).toContain(join(at('state'), 'lucerna', 'keystore', 'UTC--'));
    // The specification has relative folders ignored.
    const usual = join(at('home'), '.local/state/lucerna/keystore', 'UTC--');
    expect(await added('state')).toContain(usual);
    expect(modeOf(join(at('home'), '.local/state/lucerna/keystore'))).toBe(0o700);
    const { file } = JSON.parse(await text([...add('new'), '--keystore', at('other')], { env }));
    expect(file).toContain(at('other'));
  });

  test('with words, which every wallet makes the same account of', async () => {
    for (const [count, args] of [
      [12, ['--mnemonic']],
      [24, ['--mnemonic', '24']],
    ] as const) {
      const options = { ...withPassword, isSecret: true };
      const line = await text([...add('new'), ...args, '--show'], options);
      const { address, mnemonic = '' }: Added = JSON.parse(line);
      expect(mnemonic.split(' ')).toHaveLength(count);
      expect(HDNodeWallet.fromPhrase(mnemonic).address).toBe(address);
      secrets.push(mnemonic);
    }
  });

  test('does not make words that nobody would see', async () => {
    const before = namesIn(folder);
    expect(await failure(add('new', '--mnemonic'), withPassword)).toBe('OPTIONS_CONFLICT');
    expect((await run(add('new', '--mnemonic', '13'), withPassword)).code).toBe(2);
    expect(namesIn(folder)).toEqual(before);
  });

  test('does not write where it cannot', async () => {
    const file = write('no-folder', '');
    for (const named of [file, join(file, 'below')]) {
      const code = await failure([...add('new'), '--keystore', named], withPassword);
      expect(['OUTPUT_UNWRITABLE', 'KEYSTORE_FOLDER_UNREADABLE']).toContain(code);
    }
  });
});

describe('the password', () => {
  test('comes from a file without its line end, or from the environment', async () => {
    for (const [index, ending] of ['', '\n', '\r\n'].entries()) {
      const file = write(`password-${index}`, PASSWORD + ending);
      const env = { LUCERNA_PASSWORD: 'another' };
      const added: Added = JSON.parse(
        await text([...add('new'), '--password-file', file], { env }),
      );
      const opened = await decryptKeystoreJson(readFileSync(added.file, 'utf8'), PASSWORD);
      expect(opened.address).toBe(added.address);
      secrets.push(opened.privateKey.slice(2));
    }
  });

  test('that is empty has to be meant', async () => {
    const empty = { env: { LUCERNA_PASSWORD: '' } };
    const file = write('empty', '\n');
    expect(await failure(add('new'), empty)).toBe('PASSWORD_EMPTY');
    expect(await failure([...add('new'), '--password-file', file])).toBe('PASSWORD_EMPTY');
    const args = ['--allow-empty-password', '--keystore', at('open')];
    const added: Added = JSON.parse(await text([...add('new'), ...args], empty));
    const opened = await decryptKeystoreJson(readFileSync(added.file, 'utf8'), '');
    expect(opened.address).toBe(added.address);
    expect(await failure(['account', 'sign', added.file, 'hi'], empty)).toBe('PASSWORD_EMPTY');
    const signature = await text(['account', 'sign', added.file, 'hi', ...args], empty);
    expect(verifyMessage('hi', signature)).toBe(added.address);
  });

  test('is not what is left of standard input behind a secret', async () => {
    const args = [...add('import', '-'), '--password-file', '-', '--allow-empty-password'];
    const other = [...args, '--json', '--keystore', at('twice')];
    const { code, stderr } = await run(other, { input: `0x${'5'.repeat(64)}` });
    expect([code, JSON.parse(stderr).error.code]).toEqual([1, 'INPUT_UNREADABLE']);
    expect(namesIn(at('twice'))).toEqual([]);
  });

  test('cannot be asked for without a terminal', async () => {
    expect(await failure(add('new'))).toBe('PASSWORD_MISSING');
  });

  test.each([`--password=${PASSWORD}`, `-p${PASSWORD}`])(
    'in an option that there is not is not repeated',
    async (option) => {
      const { code, stderr } = await run(['account', 'sign', KEY_ADDRESS, 'hi', option]);
      expect(code).toBe(2);
      expect(stderr).toContain('unknown option');
      expect(stderr).not.toContain(PASSWORD);
    },
  );

  test('in the place of the path of its file is not repeated', async () => {
    expect(await failure([...add('new'), '--password-file', PASSWORD])).toBe('INPUT_UNREADABLE');
    const large = write('large', 'x'.repeat(5_000));
    expect(await failure([...add('new'), '--password-file', large])).toBe('INPUT_TOO_LARGE');
  });
});

describe('import', () => {
  test('of a private key, through standard input or a file, once', async () => {
    const added: Added = JSON.parse(
      await text(add('import'), { ...withPassword, input: `${KEY}\n` }),
    );
    expect(added.address).toBe(KEY_ADDRESS);
    const before = readFileSync(added.file, 'utf8');
    const file = write('key', KEY.slice(2));
    expect(await failure(add('import', file), withPassword)).toBe('ACCOUNT_EXISTS');
    expect(readFileSync(added.file, 'utf8')).toBe(before);
    const elsewhere = ['--keystore', at('by-file')];
    const again: Added = JSON.parse(
      await text([...add('import', file), ...elsewhere], withPassword),
    );
    expect(again.address).toBe(KEY_ADDRESS);
  });

  test('of words, with the path, the index and the passphrase that they were used with', async () => {
    const file = write('words', `  ${WORDS.replace(' ', '\n ')}\n`);
    const cases: readonly (readonly [string, readonly string[]])[] = [
      [devAccount(0, WORDS).address, []],
      [devAccount(7, WORDS).address, ['--index', '7']],
      [
        HDNodeWallet.fromPhrase(WORDS, '', "m/44'/60'/3'/0/5").address,
        ['--path', "m/44'/60'/3'/0", '--index', '5'],
      ],
      [
        HDNodeWallet.fromPhrase(WORDS, 'TREZOR').address,
        ['--passphrase-file', write('passphrase', 'TREZOR\n')],
      ],
    ];
    for (const [address, args] of cases) {
      const line = await text([...add('import', file), ...args], withPassword);
      expect(JSON.parse(line).address).toBe(address);
    }
  });

  test('of a keystore that ethers has written, which stays under its password', async () => {
    const account = Wallet.createRandom();
    secrets.push(account.privateKey.slice(2));
    const scrypt = { N: 4_096, r: 8, p: 1 };
    const json = await encryptKeystoreJson(plain(account), PASSWORD, { scrypt });
    const wrong = { env: { LUCERNA_PASSWORD: 'wrong' }, input: json };
    expect(await failure(add('import'), wrong)).toBe('KEYSTORE_PASSWORD_WRONG');
    const added: Added = JSON.parse(await text(add('import'), { ...withPassword, input: json }));
    expect(added.address).toBe(account.address);
    const opened = await decryptKeystoreJson(readFileSync(added.file, 'utf8'), PASSWORD);
    expect(opened.privateKey).toBe(account.privateKey);
    const changed = JSON.stringify({ ...JSON.parse(json), address: '11'.repeat(20) });
    const lying = { ...withPassword, input: changed };
    expect(await failure(add('import'), lying)).toBe('KEYSTORE_ADDRESS_WRONG');
  });

  test('refuses what is no secret, and says nothing of it', async () => {
    const before = namesIn(folder);
    const refused = {
      [KEY.slice(0, -1)]: 'SECRET_INVALID',
      [`0x${'00'.repeat(32)}`]: 'KEY_INVALID',
      [`0x${'ff'.repeat(32)}`]: 'KEY_INVALID',
      [WORDS.replace('yellow', 'winner')]: 'MNEMONIC_INVALID',
      '': 'SECRET_INVALID',
      '{"version":3': 'KEYSTORE_INVALID',
    };
    for (const [input, code] of Object.entries(refused)) {
      expect(await failure(add('import'), { ...withPassword, input })).toBe(code);
    }
    secrets.push(KEY.slice(2, -1));
    expect(await failure([...add('import'), '--path', 'm/x'], { input: WORDS })).toBe(
      'DERIVATION_PATH_INVALID',
    );
    expect(namesIn(folder)).toEqual(before);
  });

  test('takes no secret as an argument, and does not repeat one', async () => {
    for (const argument of [KEY, KEY.slice(2), WORDS]) {
      expect(await failure(add('import', argument), withPassword)).toBe('SECRET_AS_ARGUMENT');
    }
    expect(await failure(add('import', KEY.slice(0, -1)), withPassword)).toBe('INPUT_UNREADABLE');
    for (const args of [
      ['import', ...WORDS.split(' ')],
      ['import', `--mnemonic=${WORDS}`],
      ['new', `--mnemonic=${WORDS}`],
      ['new', `--private-key=${KEY}`],
      ['sign', KEY_ADDRESS, 'hi', '--hex', KEY, '--nothing', KEY],
    ]) {
      expect(await run(['account', ...args])).toMatchObject({ code: 2, stdout: '' });
    }
    for (const argument of [KEY, KEY.slice(2), WORDS]) {
      expect(await failure(['account', 'sign', argument, 'hi'])).toBe('ACCOUNT_INVALID');
    }
  });
});

describe('list', () => {
  test('prints what was added, by time, and keystores of other programs', async () => {
    const there = at('listed');
    const named = ['--keystore', there];
    expect(await run(['account', 'list', ...named])).toMatchObject({ code: 0, stdout: '' });
    expect(await text(['account', 'list', ...named, '--json'])).toBe('[]');
    const first: Added = JSON.parse(await text([...add('new'), ...named], withPassword));
    const second: Added = JSON.parse(await text([...add('new'), ...named], withPassword));
    const account = Wallet.createRandom();
    secrets.push(account.privateKey.slice(2));
    const scrypt = { N: 16, r: 8, p: 1 };
    const json = await encryptKeystoreJson(plain(account), PASSWORD, { scrypt });
    writeFileSync(join(there, 'by-ethers.json'), json);
    writeFileSync(join(there, '.UTC--half.new'), '{"version":3');
    writeFileSync(join(there, 'README'), 'not a keystore');
    mkdirSync(join(there, 'UTC--folder'));
    const addresses = [first.address, second.address, account.address];
    expect((await text(['account', 'list', ...named])).split('\n')).toEqual(addresses);
    const rows = JSON.parse(await text(['account', 'list', ...named, '--json']));
    expect(rows).toEqual([
      { address: first.address, file: first.file },
      { address: second.address, file: second.file },
      { address: account.address, file: join(there, 'by-ethers.json') },
    ]);
    const signature = await text(
      ['account', 'sign', account.address, 'hi', ...named],
      withPassword,
    );
    expect(verifyMessage('hi', signature)).toBe(account.address);
  });

  test('names a damaged file, and prints the others', async () => {
    const there = at('damaged');
    const named = ['--keystore', there];
    const whole: Added = JSON.parse(await text([...add('new'), ...named], withPassword));
    const cut: Added = JSON.parse(await text([...add('new'), ...named], withPassword));
    const content = readFileSync(cut.file, 'utf8');
    for (const length of [0, 1, 200, content.length - 1]) {
      writeFileSync(cut.file, content.slice(0, length));
      const listed = await run(['account', 'list', ...named]);
      expect(listed).toMatchObject({ code: 1, stdout: `${whole.address}\n` });
      expect(listed.stderr).toContain('KEYSTORE_INVALID');
      expect(listed.stderr).toContain(cut.file);
      const sign = ['account', 'sign', cut.address, 'hi', ...named];
      expect(await failure(sign, withPassword)).toBe('KEYSTORE_INVALID');
    }
    expect(await text(['account', 'sign', whole.address, 'hi', ...named], withPassword)).toMatch(
      /^0x/,
    );
    writeFileSync(cut.file, JSON.stringify({ ...JSON.parse(content), version: 4 }));
    expect(await failure(['account', 'sign', cut.address, 'hi', ...named], withPassword)).toBe(
      'KEYSTORE_UNSUPPORTED',
    );
    writeFileSync(cut.file, readFileSync(whole.file));
    expect(await failure(['account', 'sign', whole.address, 'hi', ...named], withPassword)).toBe(
      'ACCOUNT_AMBIGUOUS',
    );
  });

  test('says when the folder cannot be read', async () => {
    const file = write('a-file', '');
    expect(await failure(['account', 'list', '--keystore', file])).toBe(
      'KEYSTORE_FOLDER_UNREADABLE',
    );
    expect(await failure(['account', 'sign', KEY_ADDRESS, 'hi', '--keystore', file])).toBe(
      'KEYSTORE_FOLDER_UNREADABLE',
    );
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'says when it may not be read (not as root, who may read everything)',
    async () => {
      const locked = at('locked');
      mkdirSync(locked, { mode: 0o000 });
      const named = ['--keystore', locked];
      expect(await failure(['account', 'list', ...named])).toBe('KEYSTORE_FOLDER_UNREADABLE');
      chmodSync(locked, 0o700);
    },
  );
});

describe('export', () => {
  test('gives the keystore, for which no password is needed', async () => {
    const json = await text(['account', 'export', KEY_ADDRESS]);
    expect((await decryptKeystoreJson(json, PASSWORD)).privateKey).toBe(KEY);
    const { address, keystore } = JSON.parse(
      await text(['account', 'export', KEY_ADDRESS, '--json']),
    );
    expect([address, keystore]).toEqual([KEY_ADDRESS, JSON.parse(json)]);
  });

  test.skipIf(process.platform === 'win32')('reads a file once, which may be a pipe', async () => {
    const json = await text(['account', 'export', KEY_ADDRESS]);
    const pipe = at('pipe');
    execFileSync('mkfifo', [pipe]);
    const written = writeFile(pipe, json);
    expect(await text(['account', 'export', pipe])).toBe(json);
    await written;
  });

  test('gives the private key to whoever asks for it and has the password', async () => {
    const show = ['account', 'export', KEY_ADDRESS, '--show-private-key'];
    expect(await text(show, { ...withPassword, isSecret: true })).toBe(KEY);
    expect(await failure(show)).toBe('PASSWORD_MISSING');
    const wrong = { env: { LUCERNA_PASSWORD: `${PASSWORD} ` } };
    expect(await failure(show, wrong)).toBe('KEYSTORE_PASSWORD_WRONG');
    const file = at('exported');
    const out = ['account', 'export', KEY_ADDRESS, '--private-key-file', file];
    expect(await text(out, withPassword)).toBe(file);
    expect([readFileSync(file, 'utf8'), modeOf(file)]).toEqual([`${KEY}\n`, 0o600]);
    writeFileSync(file, 'precious');
    expect(await failure(out, withPassword)).toBe('KEY_FILE_EXISTS');
    expect(readFileSync(file, 'utf8')).toBe('precious');
    expect((await run([...show, '--private-key-file', at('x')])).code).toBe(2);
  });

  test('knows only accounts that there are', async () => {
    const unknown = devAccount(9).address;
    expect(await failure(['account', 'export', unknown])).toBe('KEYSTORE_ACCOUNT_UNKNOWN');
    expect(await failure(['account', 'export', 'alice'])).toBe('KEYSTORE_ACCOUNT_UNKNOWN');
    expect(await failure(['account', 'export', unknown.replace('a', 'A')])).toBe(
      'ADDRESS_CHECKSUM',
    );
  });
});

describe('sign and verify', () => {
  const message = 'Grüße — ✓';
  const key = new SigningKey(KEY);
  const sign = (...args: readonly string[]): Promise<string> =>
    text(['account', 'sign', KEY_ADDRESS, ...args], withPassword);

  test('text, hex and files as ethers signs them', async () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => index & 255);
    const file = write('message', bytes);
    const wallet = new Wallet(KEY);
    expect(await sign(message)).toBe(await wallet.signMessage(message));
    expect(await sign('--hex', '0x00ff')).toBe(await wallet.signMessage(Uint8Array.of(0, 255)));
    expect(await sign('--file', file)).toBe(await wallet.signMessage(bytes));
    expect(await sign('--', '-x')).toBe(await wallet.signMessage('-x'));
    const piped = await text(['account', 'sign', KEY_ADDRESS, '--file', '-'], {
      ...withPassword,
      input: 'line\n',
    });
    expect(piped).toBe(await wallet.signMessage('line\n'));
    expect(
      await text(['account', 'verify', KEY_ADDRESS, piped, '--file', write('line', 'line\n')]),
    ).toBe('valid');
    expect(await failure(['account', 'verify', KEY_ADDRESS, 'line', piped])).toBe(
      'SIGNATURE_WRONG',
    );
  });

  test('typed data as ethers signs them', async () => {
    const types = {
      Mail: [
        { name: 'to', type: 'address' },
        { name: 'cents', type: 'uint256' },
      ],
    };
    const domain = { name: 'Post', version: '1', chainId: 31_337 };
    const value = { to: KEY_ADDRESS, cents: '340282366920938463463374607431768211456' };
    const data = { types, primaryType: 'Mail', domain, message: value };
    const file = write('typed.json', JSON.stringify(data));
    const signature = await sign('--typed-data', file);
    expect(verifyTypedData(domain, types, value, signature)).toBe(KEY_ADDRESS);
    const verify = ['account', 'verify', KEY_ADDRESS, signature, '--typed-data', file];
    expect(JSON.parse(await text([...verify, '--json']))).toEqual({
      valid: true,
      address: KEY_ADDRESS,
    });
    const broken = write('broken.json', JSON.stringify({ ...data, primaryType: 'Parcel' }));
    expect(
      await failure(['account', 'sign', KEY_ADDRESS, '--typed-data', broken], withPassword),
    ).toBe('TYPED_DATA_INVALID');
  });

  test('typed data and passphrases that are no UTF-8 are not read as others', async () => {
    const data = { types: { A: [] }, primaryType: 'A', domain: { name: '?' }, message: {} };
    const bytes = Buffer.from(JSON.stringify(data).replace('?', '\u00ff'), 'latin1');
    const typed = ['account', 'sign', KEY_ADDRESS, '--typed-data', write('latin1.json', bytes)];
    expect(await failure(typed, withPassword)).toBe('INPUT_UNREADABLE');
    const passphrase = ['--passphrase-file', write('latin1', Uint8Array.of(0xff))];
    const imported = [...add('import', write('some-words', WORDS)), ...passphrase];
    expect(await failure(imported, withPassword)).toBe('INPUT_UNREADABLE');
  });

  test('what a file has in it does not move the cursor of who reads the error', async () => {
    const keystore = JSON.parse(await text(['account', 'export', KEY_ADDRESS]));
    keystore.crypto.kdf = '\u001b[2J\u009b31m';
    const typed = { types: { '\u001b[2J': 1 }, primaryType: 'A', domain: {}, message: {} };
    const hostile = write('hostile', JSON.stringify(keystore));
    for (const args of [
      ['account', 'sign', hostile, 'hi'],
      ['account', 'import', hostile],
      [
        ...['account', 'sign', KEY_ADDRESS],
        ...['--typed-data', write('escape', JSON.stringify(typed))],
      ],
    ]) {
      const { code, stderr } = await run(args, withPassword);
      expect(code).toBe(1);
      expect(stderr).toMatch(/\[(KEYSTORE_UNSUPPORTED|TYPED_DATA_INVALID)\]/);
      for (const control of ['\u001b', '\u009b']) expect(stderr).not.toContain(control);
    }
  });

  test('signatures in every form, and none that has a second one', async () => {
    const digest = JSON.parse(await sign('hi', '--json')).digest;
    const signature = Signature.from(await sign('hi'));
    const { r, s, yParity } = signature;
    expect(key.sign(digest).serialized).toBe(signature.serialized);
    const verify = ['account', 'verify', KEY_ADDRESS, 'hi'];
    expect(await text([...verify, signature.compactSerialized])).toBe('valid');
    expect(await text([...verify, `${r}${s.slice(2)}0${yParity}`])).toBe('valid');
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const high = (order - BigInt(s)).toString(16).padStart(64, '0');
    const second = `${r}${high}${yParity === 0 ? '1c' : '1b'}`;
    for (const malformed of [
      second,
      '0x',
      `${signature.serialized}00`,
      'x',
      `${r}${s.slice(2)}05`,
    ]) {
      expect(await failure([...verify, malformed])).toBe('SIGNATURE_MALFORMED');
    }
    expect(await failure([...verify, `0x${'00'.repeat(64)}1b`])).toBe('SIGNATURE_INVALID');
    expect(
      await failure(['account', 'verify', devAccount(0).address, 'hi', signature.serialized]),
    ).toBe('SIGNATURE_WRONG');
  });

  test('names have keys that everybody knows', async () => {
    const signature = await text(['account', 'sign', 'alice', 'hi']);
    expect(await text(['account', 'verify', 'alice', 'hi', signature])).toBe('valid');
    expect(await failure(['account', 'verify', 'bob', 'hi', signature])).toBe('SIGNATURE_WRONG');
  });

  test('want one message', async () => {
    for (const args of [[], ['hi', '--hex', '0x00'], ['--hex', '0x00', '--file', at('message')]]) {
      expect(await failure(['account', 'sign', KEY_ADDRESS, ...args])).toBe('OPTIONS_CONFLICT');
    }
    expect(await failure(['account', 'verify', KEY_ADDRESS, '0x00'])).toBe('OPTIONS_CONFLICT');
    expect((await run(['account', 'sign', KEY_ADDRESS, '--hex', '0x0'])).code).toBe(2);
  });
});

describe.skipIf(!hasTerminal)('at a terminal', () => {
  const here = ['--keystore', at('typed')];

  test('passwords are asked for twice, and not shown', async () => {
    const args = ['account', 'new', '--lightkdf', ...here];
    const ended = await cli.onTerminal(args, [
      ['New password: ', `${PASSWORD}\r`],
      ['New password, again: ', `${PASSWORD}\r`],
    ]);
    expect(ended.code).toBe(0);
    const address = await text(['account', 'list', ...here]);
    expect(ended.stdout).toContain(address);
    const signed = await cli.onTerminal(
      ['account', 'sign', address, 'hi', ...here],
      [['Password of ', `${PASSWORD}\r`]],
    );
    const signature = /0x[0-9a-f]{130}/.exec(signed.stdout)?.[0] ?? '';
    expect(verifyMessage('hi', signature)).toBe(address);
  });

  test('nor is what was typed before it was asked for', async () => {
    const ended = await cli.onTerminal(
      ['account', 'new', '--lightkdf', ...here],
      [
        ['New password: ', `${PASSWORD}\r${PASSWORD.slice(0, -3)}`],
        ['New password, again: ', `${PASSWORD.slice(-3)}\r`],
      ],
    );
    expect(ended.code).toBe(0);
    expect(ended.stdout).not.toContain(PASSWORD.slice(0, 5));
  });

  test('two that differ make nothing, Ctrl-C and Ctrl-D neither', async () => {
    const before = namesIn(at('typed'));
    const args = ['account', 'new', '--lightkdf', ...here];
    const differing = await cli.onTerminal(args, [
      ['New password: ', `${PASSWORD}\r`],
      ['New password, again: ', `${PASSWORD}!\r`],
    ]);
    expect(differing).toMatchObject({ code: 1 });
    expect(differing.stdout).toContain('PASSWORDS_DIFFER');
    for (const stop of ['\u0003', '\u0004']) {
      const stopped = await cli.onTerminal(args, [['New password: ', stop]]);
      expect(stopped).toMatchObject({ code: 130 });
    }
    expect(namesIn(at('typed'))).toEqual(before);
  });

  test('a secret is not typed where it would be shown', async () => {
    const ended = await cli.onTerminal(['account', 'import', '-', ...here], [], withPassword);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('INPUT_UNREADABLE');
  });

  test('a secret is asked for, and words are shown', async () => {
    const imported = await cli.onTerminal(
      ['account', 'import', '--lightkdf', ...here],
      [['Private key or words: ', `${KEY}\r`]],
      withPassword,
    );
    expect(imported.stdout).toContain(KEY_ADDRESS);
    const made = await cli.onTerminal(['account', 'new', '--mnemonic', '--lightkdf', ...here], [], {
      ...withPassword,
      isSecret: true,
    });
    const words = /Words +([a-z ]+)/.exec(made.stdout)?.[1]?.trim() ?? '';
    expect(made.stdout).toContain(HDNodeWallet.fromPhrase(words).address);
  });

  test('work that takes long has a bar', async () => {
    // The bar is due after two seconds, and four times what geth writes takes longer than that.
    const account = Wallet.createRandom();
    const json = await encryptKeystoreJson(plain(account), PASSWORD, {
      scrypt: { N: 16, r: 8, p: 1 },
    });
    const keystore = JSON.parse(json);
    Object.assign(keystore.Crypto.kdfparams, { n: 262_144, r: 8, p: 4 });
    const file = write('slow.json', JSON.stringify(keystore));
    const ended = await cli.onTerminal(['account', 'sign', file, 'hi'], [], withPassword);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('KEYSTORE_PASSWORD_WRONG');
    expect(ended.stdout).toMatch(/Trying the password {2}\[=*>? *\] +\d+ %/);
  });
});

test('nothing that was printed has a secret in it', () => {
  const printed = cli.printed().toLowerCase();
  expect(printed.length).toBeGreaterThan(10_000);
  expect(secrets.length).toBeGreaterThan(8);
  const found = secrets.filter((secret) => printed.includes(secret.toLowerCase()));
  expect(found).toEqual([]);
});
