import { remotePathSchema } from '@omanager/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crumbsOf, joined, nameOf, parentOf, typedPath } from './paths.ts';

describe('paths of a server', () => {
  it('are joined and taken apart', () => {
    expect(joined('/', 'etc')).toBe('/etc');
    expect(joined('/etc', 'hosts')).toBe('/etc/hosts');
    expect([parentOf('/etc/hosts'), parentOf('/etc'), parentOf('/')]).toEqual(['/etc', '/', '/']);
    expect(nameOf('/etc/hosts')).toBe('hosts');
    expect(crumbsOf('/var/log').map(({ path }) => path)).toEqual(['/', '/var', '/var/log']);
    expect(crumbsOf('/')).toHaveLength(1);
  });

  it('that are typed become what the server takes', () => {
    expect(typedPath('/var//log/', '/x')).toBe('/var/log');
    expect(typedPath('../b', '/x/a')).toBe('/x/b');
    expect(typedPath('./c', '/')).toBe('/c');
    expect(typedPath('../../../..', '/x')).toBe('/');
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '..', '.', '', 'b c', '文')), fc.boolean(), (parts, absolute) => {
        const path = typedPath(`${absolute ? '/' : ''}${parts.join('/')}`, '/home/me');
        expect(remotePathSchema.safeParse(path).success).toBe(true);
      }),
    );
  });
});
