import { describe, expect, it } from 'vitest';
import { copyText, versionAfter, withVersion } from './drafts.ts';

describe('texts to begin with', () => {
  it('puts a version where the old one stands, or below the id', () => {
    expect(withVersion('id: a\nversion: 1\ntitle: x\n', '1.0.1')).toBe('id: a\nversion: "1.0.1"\ntitle: x\n');
    expect(withVersion('id: a\ntitle: x\n', '1.0.1')).toBe('id: a\nversion: "1.0.1"\ntitle: x\n');
  });
  it.each([
    ['1', '2'],
    ['1.9', '1.10'],
    ['1.0.0', '1.0.1'],
  ])('after %s comes %s', (version, next) => expect(versionAfter(version)).toBe(next));
  it('copies without what must be its own', () => {
    expect(copyText('id: system.disk\nlegacyId: 1009\ntitle: x\n', 'system.disk')).toBe(
      'id: site.system.disk\nversion: "1.0.0"\ntitle: x\n',
    );
  });
});
