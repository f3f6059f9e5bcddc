import { expandRanges } from '@omanager/contract';
import { expect, it } from 'vitest';
import { readNames } from './pastedNames.ts';

it('reads names however they are separated, with ranges, and tells what came twice', () => {
  const { names, duplicates } = readNames('web-[01-03,05], db-1\n\tdb-1;web-02，x', expandRanges);
  expect(names).toEqual(['web-01', 'web-02', 'web-03', 'web-05', 'db-1', 'x']);
  expect(duplicates).toEqual(['db-1', 'web-02']);
});
