import type { Cancel } from '@lucerna/base';
import { equalBytes, toHex } from '@lucerna/base';
import {
  type BlockView,
  headerToJson,
  type LogFilter,
  LogMatcher,
  type LogView,
  type RecoveredTransaction,
} from '@lucerna/protocol';
import { apiErrors } from '../errors.ts';
import { apiLimits } from '../limits.ts';
import type { HeadNotice, NodeApi } from '../node-api.ts';
import { formatLog, formatPendingTransaction } from './format.ts';
import { criteriaOf } from './log-filter.ts';

/** What a subscription is about. */
export type Topic =
  | { readonly kind: 'newHeads' }
  | { readonly kind: 'logs'; readonly wanted: Pick<LogFilter, 'addresses' | 'topics'> }
  | { readonly kind: 'newPendingTransactions'; readonly full: boolean }
  | { readonly kind: 'syncing' };

/**
 * The subscriptions of one connection, as one request sees them. What it subscribes to is told from
 * then on, but not sent before {@link SubscriptionScope.release}: the client must know the name of a
 * subscription before it hears of it.
 */
export type SubscriptionScope = {
  /** The name of the new subscription. @throws `SUBSCRIPTION_LIMIT` */
  readonly subscribe: (topic: Topic) => string;
  /** Whether there was such a subscription on this connection. */
  readonly unsubscribe: (id: string) => boolean;
  /** Whether something waits for {@link SubscriptionScope.release}. */
  readonly isHolding: () => boolean;
  /** The answer to the request has been sent. */
  readonly release: () => void;
};

/** The subscriptions of one connection. */
export type SubscriptionSession = {
  readonly scope: () => SubscriptionScope;
  /** Ends all of them. */
  readonly close: () => void;
};

/** Tells connections what is new. */
export type SubscriptionHub = {
  /** `send` takes whole messages; it must not throw. */
  readonly open: (send: (text: string) => void) => SubscriptionSession;
};

type Subscription = {
  readonly id: string;
  readonly topic: Topic;
  /** Of the topic `logs` only. */
  readonly matcher: LogMatcher | undefined;
  readonly send: (text: string) => void;
  /** What is new before the client knows the name; undefined afterwards. */
  held: string[] | undefined;
};

/** The hub of `node`; `newId` names subscriptions. */
export function createSubscriptionHub(node: NodeApi, newId: () => string): SubscriptionHub {
  const all = new Set<Subscription>();
  const listening = listenWhileNeeded(node, all);
  let criteria = 0;
  const add = (topic: Topic, send: (text: string) => void): Subscription => {
    const { subscriptions, subscriptionCriteria } = apiLimits.values;
    const wanted = criteriaOfTopic(topic);
    if (all.size >= subscriptions || criteria + wanted > subscriptionCriteria) {
      throw apiErrors.create('SUBSCRIPTION_LIMIT');
    }
    criteria += wanted;
    const matcher = topic.kind === 'logs' ? new LogMatcher(topic.wanted) : undefined;
    const subscription = { id: newId(), topic, matcher, send, held: [] };
    all.add(subscription);
    listening();
    return subscription;
  };
  const remove = (subscription: Subscription): void => {
    criteria -= criteriaOfTopic(subscription.topic);
    all.delete(subscription);
    listening();
  };
  return { open: (send) => openSession(send, add, remove) };
}

function criteriaOfTopic(topic: Topic): number {
  return topic.kind === 'logs' ? criteriaOf(topic.wanted) : 0;
}

function openSession(
  send: (text: string) => void,
  add: (topic: Topic, send: (text: string) => void) => Subscription,
  remove: (subscription: Subscription) => void,
): SubscriptionSession {
  const own = new Map<string, Subscription>();
  let isOpen = true;
  const scope = (): SubscriptionScope => {
    const holding: Subscription[] = [];
    return {
      subscribe: (topic): string => {
        // The connection may have gone while its request waited.
        if (!isOpen || own.size >= apiLimits.values.connectionSubscriptions) {
          throw apiErrors.create('SUBSCRIPTION_LIMIT');
        }
        const subscription = add(topic, send);
        own.set(subscription.id, subscription);
        holding.push(subscription);
        return subscription.id;
      },
      unsubscribe: (id): boolean => {
        const subscription = own.get(id);
        if (subscription === undefined) return false;
        own.delete(id);
        remove(subscription);
        return true;
      },
      isHolding: () => holding.length > 0,
      release: (): void => {
        for (const subscription of holding.splice(0)) {
          // It has caught up, and nothing will change about that.
          if (subscription.topic.kind === 'syncing') deliver(subscription, 'false');
          if (own.has(subscription.id)) flush(subscription);
        }
      },
    };
  };
  const close = (): void => {
    isOpen = false;
    for (const subscription of own.values()) remove(subscription);
    own.clear();
  };
  return { scope, close };
}

/** What listens to the node while there are subscriptions that need it; to be called after changes. */
function listenWhileNeeded(node: NodeApi, all: ReadonlySet<Subscription>): () => void {
  let heads: Cancel | undefined;
  let pooled: Cancel | undefined;
  return () => {
    let needsHeads = false;
    let needsPool = false;
    for (const { topic } of all) {
      needsHeads ||= topic.kind === 'newHeads' || topic.kind === 'logs';
      needsPool ||= topic.kind === 'newPendingTransactions';
    }
    if (needsHeads) heads ??= node.onHead((notice) => announceHead(all, notice));
    else {
      heads?.();
      heads = undefined;
    }
    if (needsPool) pooled ??= node.onPooled((transaction) => announcePooled(all, transaction));
    else {
      pooled?.();
      pooled = undefined;
    }
  };
}

/** A text that is made when it is first needed, once for all who need it. */
function once(make: () => string): () => string {
  let text: string | undefined;
  return () => {
    text ??= make();
    return text;
  };
}

function announceHead(all: ReadonlySet<Subscription>, { view, reverted }: HeadNotice): void {
  const header = once(() => JSON.stringify(headerToJson(view.block.header, view.block.hash)));
  const blocks = logSources({ view, reverted });
  for (const subscription of all) {
    if (subscription.topic.kind === 'newHeads') deliver(subscription, header());
    const { matcher } = subscription;
    if (matcher === undefined) continue;
    for (const { block, textOf } of blocks) {
      if (!matcher.mayMatch(block.block.header.logsBloom)) continue;
      for (const log of matcher.matchesOf(block)) deliver(subscription, textOf(log));
    }
  }
}

type LogSource = { readonly block: BlockView; readonly textOf: (log: LogView) => string };

/** The blocks whose logs are told: those that are gone, and the new one if it is new. */
function logSources({ view, reverted }: HeadNotice): readonly LogSource[] {
  const gone = reverted.map((block) => logSource(block, true));
  return isRewind({ view, reverted }) ? gone : [...gone, logSource(view, false)];
}

function logSource(block: BlockView, removed: boolean): LogSource {
  const texts = new Map<number, string>();
  return {
    block,
    textOf: (log): string => {
      const text = texts.get(log.logIndex) ?? JSON.stringify(formatLog(log, removed));
      texts.set(log.logIndex, text);
      return text;
    },
  };
}

/** True when the head is a block that was in the chain before: nothing has taken the reverted ones' place. */
function isRewind({ view, reverted }: HeadNotice): boolean {
  const lowest = reverted.at(-1)?.block.header;
  return lowest !== undefined && equalBytes(lowest.parentHash, view.block.hash);
}

function announcePooled(all: ReadonlySet<Subscription>, transaction: RecoveredTransaction): void {
  const hash = once(() => JSON.stringify(toHex(transaction.hash)));
  const whole = once(() => JSON.stringify(formatPendingTransaction(transaction)));
  for (const subscription of all) {
    if (subscription.topic.kind !== 'newPendingTransactions') continue;
    deliver(subscription, subscription.topic.full ? whole() : hash());
  }
}

/** Sends one result, which is JSON text. */
function deliver(subscription: Subscription, result: string): void {
  const { id, held, send } = subscription;
  const params = `{"subscription":"${id}","result":${result}}`;
  const text = `{"jsonrpc":"2.0","method":"eth_subscription","params":${params}}`;
  if (held === undefined) {
    send(text);
    return;
  }
  held.push(text);
  // A batch that makes so much happen is told of it before its own answers.
  if (held.length > apiLimits.values.heldNotifications) flush(subscription);
}

function flush(subscription: Subscription): void {
  const { held, send } = subscription;
  subscription.held = undefined;
  for (const text of held ?? []) send(text);
}
