import { pureSignatureEngine } from '@lucerna/crypto';
import { signatureEngineCompliance } from '@lucerna/crypto/compliance';
import { loadSignatureEngine, nativeSignatureEngine } from '@lucerna/platform-node/crypto';
import { createLog } from '@lucerna/platform-node/log';
import { describe, expect, it } from 'vitest';

const native = await nativeSignatureEngine();

signatureEngineCompliance('the native engine', () => native);

describe('loading a signature engine', () => {
  it('takes the native one, and is silent about it', async () => {
    const lines: string[] = [];
    const engine = await loadSignatureEngine(createLog({ write: (line) => lines.push(line) }));
    expect(engine.name).toBe('native');
    expect(lines).toEqual([]);
  });

  it('takes the pure one with one warning where there is no binary', async () => {
    const lines: string[] = [];
    const log = createLog({ level: 'debug', write: (line) => lines.push(line) });
    const missing = (): Promise<never> => Promise.reject(new Error('No native build was found'));
    expect(await loadSignatureEngine(log, missing)).toBe(pureSignatureEngine);
    expect(lines.length).toBe(1);
    expect(lines[0]).toContain(' warn ');
  });
});
