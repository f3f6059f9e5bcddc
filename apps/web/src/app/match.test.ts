import { expect, it } from 'vitest';
import { matchScore } from './match.ts';

const order = (typed: string, ...texts: string[]) =>
  texts.filter((text) => matchScore(text, typed) > 0).sort((a, b) => matchScore(b, typed) - matchScore(a, typed));

it('puts the beginning of a word first, then parts, then letters that are spread', () => {
  expect(order('ser', 'Use erase', 'Observers', 'Restart a service', 'Servers', 'Audit')).toEqual([
    'Servers',
    'Restart a service',
    'Observers',
    'Use erase',
  ]);
});

it('reads pinyin initials, and asks for every word', () => {
  expect(matchScore('重启进程服务', 'cqjc')).toBeGreaterThan(0);
  expect(matchScore('重启进程服务', 'jcfw')).toBeGreaterThan(0);
  expect(matchScore('Restart a service', 'restart nothing')).toBe(0);
  expect(matchScore('anything', '')).toBe(1);
});
