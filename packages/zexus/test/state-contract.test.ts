import { toHexKey } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { variableSlot } from '../src/layout/slots.ts';
import type { Value } from '../src/vm/value.ts';
import { Deployed } from './support/deployed.ts';
import { NaiveReader } from './vm/state-naive.ts';
import { describeValue, list, map } from './vm/state-support.ts';

const SOURCE = `
contract Example {
  data votes: map<string, integer>
  data queue: list<integer>
  data profile: any
  data groups: map<address, list<integer>>
  data teams: map<string, map<string, integer>>

  action vote(name: string) { votes[name] = votes[name] + 1 }
  action drop(name: string) { votes.remove(name) }
  action restart() { votes.clear() }
  action view tally() -> integer {
    let sum = 0
    for each name in votes { sum = sum + votes[name] }
    return sum
  }
  action view names() -> string { return votes.keys().join(",") }

  action add(number: integer) { queue.push(number) }
  action take() -> integer { return queue.pop() }
  action view total() -> integer {
    let sum = 0
    for each number in queue { sum += number }
    return sum
  }

  action fill(name: string) {
    profile = {"name": name, "tags": ["x", 1]}
    profile.tags.push([true])
    profile["votes"] = votes
  }
  action view depth() -> integer { return len(profile.tags) }

  action join(number: integer) { groups[TX.caller].push(number) }
  action score(team: string, who: string) { teams[team][who] = teams[team][who] + 1 }
  action disband(team: string) { teams.remove(team) }
  action view teams_of() -> string { return teams.keys().join(",") }
  action same() { votes = votes; queue = queue; profile = profile }
  action failing(name: string) {
    try { votes.clear(); votes[name] = 5; require(false, "no") } catch (e) { queue.push(99) }
  }
}
`;

describe('a contract with containers in its state', () => {
  const contract = new Deployed(SOURCE);
  const shapes = new Map(
    contract.contract.container.schema.map(({ name, shape }) => [name, shape]),
  );
  /** All of a variable as the words of the state have it. */
  const stored = (name: string): string => {
    const shape = shapes.get(name);
    if (shape === undefined) throw new Error(`no variable ${name}`);
    const reader = new NaiveReader(contract.host.words);
    return describeValue(reader.read(toHexKey(variableSlot(name)), shape));
  };
  const text = (value: Value): string => describeValue(value);

  it('has the shapes that its actions need', () => {
    expect(Object.fromEntries([...shapes].map(([name, { kind }]) => [name, kind]))).toEqual({
      votes: 'enumerable',
      queue: 'list',
      profile: 'cell',
      groups: 'map',
      teams: 'enumerable',
    });
  });

  it('keeps the entries of a map in order, with what is removed taken out', () => {
    for (const name of ['yes', 'maybe', 'no', 'yes', 'yes']) contract.call('vote', [name]);
    contract.call('drop', ['maybe']);
    expect(stored('votes')).toBe(text(map(['yes', 3], ['no', 1])));
    expect([contract.call('tally'), contract.call('names')]).toEqual([4n, 'yes,no']);
    contract.call('restart');
    expect(stored('votes')).toBe(text(map()));
    contract.call('vote', ['no']);
    expect(stored('votes')).toBe(text(map(['no', 1])));
  });

  it('keeps lists, and values with lists in them', () => {
    for (const number of [7, 9, 11]) contract.call('add', [number]);
    expect([contract.call('take'), contract.call('total')]).toEqual([11n, 16n]);
    contract.call('fill', ['Ada']);
    const tags = list('x', 1, list(true));
    expect(stored('profile')).toBe(
      text(map(['name', 'Ada'], ['tags', tags], ['votes', map(['no', 1])])),
    );
    expect(contract.call('depth')).toBe(3n);
  });

  it('assigns containers to themselves without a loss', () => {
    const before = ['votes', 'queue', 'profile'].map(stored);
    expect(contract.call('same')).toBeUndefined();
    expect(['votes', 'queue', 'profile'].map(stored)).toEqual(before);
  });

  it('makes the entries around what is written, and removes what is in them', () => {
    contract.call('score', ['red', 'Ada']);
    contract.call('score', ['red', 'Bob']);
    contract.call('score', ['blue', 'Cy']);
    const blue = map(['Cy', 1]);
    expect(stored('teams')).toBe(text(map(['red', map(['Ada', 1], ['Bob', 1])], ['blue', blue])));
    contract.call('disband', ['red']);
    expect(contract.call('teamsOf')).toBe('blue');
    contract.call('score', ['red', 'Eve']);
    expect(stored('teams')).toBe(text(map(['blue', blue], ['red', map(['Eve', 1])])));
    contract.call('join', [3]);
    expect(contract.call('join', [4])).toBeUndefined();
  });

  it('takes back what a body did that failed', () => {
    const before = stored('votes');
    contract.call('failing', ['x']);
    expect(stored('votes')).toBe(before);
    expect(stored('queue')).toBe(text(list(7, 9, 99)));
  });
});
