import { expect, it } from 'vitest';
import { createTurns } from './searchTurns.ts';

const never = new AbortController().signal;

it('lets so many in, the others in their order, and no more wait than agreed', async () => {
  const turns = createTurns(1, 2);
  const first = await turns.wait(never);
  const came: string[] = [];
  const given = new AbortController();
  const second = turns.wait(given.signal).then((turn) => {
    came.push('second');
    return turn;
  });
  const third = turns.wait(never).then((turn) => {
    came.push('third');
    return turn;
  });
  await expect(turns.wait(never)).rejects.toMatchObject({ code: 'BUSY' });
  given.abort(new Error('no longer wanted'));
  await expect(second).rejects.toThrow('no longer wanted');
  const fourth = turns.wait(never);
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  (await fourth)[Symbol.dispose]();
  expect(came).toEqual(['third']);
  const again = await turns.wait(never);
  again[Symbol.dispose]();
  await expect(turns.wait(AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
});
