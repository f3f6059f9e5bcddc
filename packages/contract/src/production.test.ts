import { expect, test } from 'vitest';
import { isProduction } from './production.ts';

test('every environment whose name begins with prod is production', () => {
  expect(['prod', 'PROD', 'production', 'prod-eu', 'staging', 'nonprod'].filter(isProduction)).toEqual([
    'prod',
    'PROD',
    'production',
    'prod-eu',
  ]);
});
