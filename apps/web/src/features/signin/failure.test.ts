import { OmError } from '@omanager/contract';
import { expect, it } from 'vitest';
import { failureOf } from './failure.ts';

it('tells apart what a person can do about it', () => {
  const disconnected = (cause?: string) => failureOf(new OmError('DISCONNECTED', 'x', { cause }));
  expect(['unreachable', 'wrong_key', 'crowded', undefined].map(disconnected)).toEqual([
    'unreachable',
    'wrong_key',
    'crowded',
    'unreachable',
  ]);
  expect(failureOf(new OmError('BAD_CREDENTIALS'))).toBe('credentials');
  expect(failureOf(new OmError('NOT_ENROLLED'))).toBe('device');
  expect(failureOf(new OmError('UNAUTHENTICATED', 'x', { cause: 'revoked' }))).toBe('device');
  expect(failureOf(new OmError('UNAUTHENTICATED', 'The sign-in took too long; sign in again.'))).toBe('unknown');
  expect(failureOf(new OmError('BUSY'))).toBe('unknown');
});
