import { describe, expect, it } from 'vitest';
import { parseProbe } from './probe.ts';
import { parseSurvivors } from './survivors.ts';

const told = (text: string) => parseProbe(Buffer.from(text));

describe('the answer to a probe, which a hostile server may write as it likes', () => {
  it('is read', () => {
    expect(told('om-probe finished 3\nleft 12 13\ntail\nabc')).toEqual({
      ...{ state: 'finished', exitCode: 3, left: [12, 13] },
      tail: Buffer.from('abc'),
    });
    expect(told('om-probe running 77\n')).toEqual({ state: 'running', pid: 77, left: [] });
    expect(told('om-probe unknown gone\nleft\n')).toEqual({ state: 'unknown', reason: 'gone', left: [] });
  });

  it.each([
    'finished x',
    'finished 1e400',
    'finished 99999999999999999999',
    'running abc',
    'running 1e9',
    'unknown why',
  ])('makes no sense with %j, and no number that cannot be stored', (said) =>
    expect(told(`om-probe ${said}\n`)).toBeUndefined(),
  );

  it('names no process that cannot be', () => {
    expect(told(`om-probe unknown gone\nleft 12 ${'9'.repeat(400)} 13\n`)?.left).toEqual([12, 13]);
    expect(parseSurvivors(`12 sh\n${'9'.repeat(400)} sh\n`)).toEqual([{ pid: 12, name: 'sh' }]);
  });
});
