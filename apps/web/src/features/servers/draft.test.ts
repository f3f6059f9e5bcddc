import type { Host } from '@omanager/contract';
import { expect, it } from 'vitest';
import { changesOf, draftOf, inputOf } from './draft.ts';

const host: Host = {
  id: '019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a12',
  name: 'web-01',
  address: '10.0.0.1',
  port: 2222,
  user: 'ada',
  credential: 'ops',
  zone: 'hk',
  environment: 'prod',
  labels: { role: 'web', canary: '' },
  groups: ['web/www'],
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
};

it('shows a server and reads it back without a change', () => {
  const { draft } = draftOf(inputOf(host));
  expect(draft).toMatchObject({ name: 'web-01', port: 2222, labels: { role: 'web', canary: '' } });
  expect(draft && changesOf(host, draft)).toEqual({});
});

it('sends only what was changed', () => {
  const { draft } = draftOf({ ...inputOf(host), labels: 'role=db\n\n canary ', credential: '' });
  expect(draft && changesOf(host, draft)).toEqual({ credential: null, labels: { role: 'db', canary: '' } });
});

it('says what is wrong with which field; a new server may be reached by its name', () => {
  expect(draftOf({ ...inputOf(null), name: 'db-1.example' }).draft).toMatchObject({
    address: 'db-1.example',
    environment: 'default',
  });
  const { complaints } = draftOf({ ...inputOf(null), name: '-x', port: '70000', labels: 'ro le=x' });
  expect(Object.keys(complaints ?? {}).sort()).toEqual(['address', 'labels', 'name', 'port']);
});
