import { createHash } from 'node:crypto';
import { collectGarbage } from './clock.ts';

/** One measurement. Where both sides compute the same thing, they digest it into equal hashes. */
export type Measurement = { readonly value: number; readonly hash?: string };

export type Measure = () => Promise<Measurement>;

/**
 * What ours is compared with: a program that runs in the same rounds, a figure (`limit:` our own
 * bound, `seed:` what a predecessor published), a program that is not installed here, or nothing.
 */
export type Peer =
  | { readonly kind: 'measured'; readonly name: string; readonly measure: Measure }
  | { readonly kind: 'figure'; readonly name: string; readonly value: number }
  | { readonly kind: 'absent'; readonly name: string }
  | { readonly kind: 'none' };

/** A case that is ready to be measured. */
export type Prepared = {
  readonly ours: Measure;
  readonly peer: Peer;
  readonly close: () => Promise<void>;
  /** What this figure depends on besides, such as a size: cases that share an id differ in it. */
  readonly detail?: string;
};

export type Case = {
  readonly id: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** The ratio to reach; undefined when the figure is only to be shown. */
  readonly target: number | undefined;
  readonly rounds: number;
  /** The durability level, where one applies. */
  readonly level?: 'process' | 'power';
  /** Times are CPU time of the process: for work that waits for nothing, whatever else runs. */
  readonly cpuTime?: true;
  /** What bounds the figure; printed where the target is missed. */
  readonly note?: string;
  readonly prepare: (quick: boolean) => Promise<Prepared>;
};

export type Suite = { readonly name: string; readonly cases: readonly Case[] };

/** What one case came to. Ratios above 1 are better for us, for times as well as for rates. */
export type Row = {
  readonly suite: string;
  readonly case: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly peerName: string;
  readonly ratio: number | null;
  readonly target: number | null;
  readonly rounds: number;
  readonly level: string | null;
  readonly hash: string | null;
  readonly conditions: string;
};

/**
 * Measures one case: ours and the peer by turns, so that a busy moment hits both, each first in every
 * other round, and neither with the other's garbage to collect.
 */
export async function runCase(
  suite: string,
  subject: Case,
  options: { readonly quick: boolean; readonly conditions: string },
): Promise<Row> {
  const rounds = options.quick ? 1 : subject.rounds;
  const { ours, peer, close, detail } = await subject.prepare(options.quick);
  try {
    const ourSamples: Measurement[] = [];
    const peerSamples: Measurement[] = [];
    const turns = [async () => ourSamples.push(await ours())];
    if (peer.kind === 'measured') turns.push(async () => peerSamples.push(await peer.measure()));
    for (let round = 0; round < rounds; round += 1) {
      for (const turn of round % 2 === 0 ? turns : turns.toReversed()) {
        await collectGarbage();
        await turn();
      }
    }
    const ourValue = median(ourSamples.map(({ value }) => value));
    const peerValue = peer.kind === 'figure' ? peer.value : medianOrNull(peerSamples);
    return {
      suite,
      case: subject.id,
      unit: subject.unit,
      ours: ourValue,
      peer: peerValue,
      peerName: nameOf(peer),
      ratio: peerValue === null ? null : ratioOf(ourValue, peerValue, subject.better),
      target: subject.target ?? null,
      rounds,
      level: subject.level ?? null,
      hash: commonHash(subject.id, ourSamples, peerSamples),
      conditions: [options.conditions, ...(subject.cpuTime ? ['CPU time'] : []), detail]
        .filter((condition) => condition !== undefined)
        .join(', '),
    };
  } finally {
    await close();
  }
}

/** The middle sample, or the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError('a median needs a sample');
  const sorted = [...samples].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
  return (lower + upper) / 2;
}

/** How much better ours is: a time is inverted. */
export function ratioOf(ours: number, peer: number, better: Case['better']): number {
  return better === 'higher' ? ours / peer : peer / ours;
}

function nameOf(peer: Peer): string {
  if (peer.kind === 'none') return 'no peer';
  return peer.kind === 'absent' ? `${peer.name} (not installed)` : peer.name;
}

function medianOrNull(samples: readonly Measurement[]): number | null {
  return samples.length === 0 ? null : median(samples.map(({ value }) => value));
}

/**
 * A fast wrong answer is no answer: in each round the hashes that were given must be the same. The
 * digest of all rounds where these compute different things.
 */
function commonHash(
  id: string,
  ours: readonly Measurement[],
  peers: readonly Measurement[],
): string | null {
  const rounds = ours.flatMap(({ hash }, round) => {
    const given = new Set([hash, peers[round]?.hash].filter((one) => one !== undefined));
    if (given.size > 1) throw new Error(`${id}: results differ: ${[...given].join(', ')}`);
    return [...given];
  });
  const [first, ...others] = new Set(rounds);
  if (first === undefined || others.length === 0) return first ?? null;
  return createHash('sha256').update(rounds.join()).digest('hex');
}
