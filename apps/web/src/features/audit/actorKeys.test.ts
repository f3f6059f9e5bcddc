import { expect, it } from 'vitest';
import { actorKeyOf } from './actorKeys.ts';

it('knows the words of the server by the kind of actor, and takes no name for one', () => {
  expect(actorKeyOf({ actorKind: 'system', actorName: 'first start' })).toBe('firstStart');
  expect(actorKeyOf({ actorKind: 'anonymous', actorName: 'unknown device' })).toBe('unknownDevice');
  expect(actorKeyOf({ actorKind: 'device', actorName: 'device' })).toBe('device');
  expect(actorKeyOf({ actorKind: 'system', actorName: 'omserver invite' })).toBeNull();
  for (const actorName of ['retention', 'device', 'ssh', 'constructor'])
    expect(actorKeyOf({ actorKind: 'user', actorName })).toBeNull();
  expect(actorKeyOf({ actorKind: 'system', actorName: 'constructor' })).toBeNull();
});
