import { expect, it } from 'vitest';
import { sizeOf } from './cast.ts';
import { createCastReader } from './castFile.ts';
import { searchLines } from './findLines.ts';
import { createTimeline } from './timeline.ts';
import { createTranscript, textAt } from './transcript.ts';

const file = [
  '{"version":2,"width":100,"height":30}',
  '[0.5,"o","\\u001b[1mops@web\\u001b[0m:~$ "]',
  '[1,"o","lss\\b \\b"]',
  '[61,"m",""]',
  '[61,"o","\\r\\n中文.txt\\r\\n\\u001b[3"]',
  '[62,"o","1mred\\u001b[0m\\r\\n"]',
  '[62,"x","/w=="]',
  '[63,"r","132x43"]',
  '[64,"o","$ "]',
  '[64,"m","ended: idle"]',
  '',
].join('\n');

const castOf = (text: string) => {
  const { cast, add } = createCastReader();
  expect(add(text)).toBe(true);
  return cast;
};

function transcriptOf(text: string) {
  const cast = castOf(text);
  const { transcript, step, end } = createTranscript(cast);
  while (step(cast.count));
  end();
  return { cast, transcript };
}

it('reads a recording, whole lines at a time; its output is in one place', () => {
  const cast = castOf(file);
  expect([cast.cols, cast.rows, cast.count]).toEqual([100, 30, 8]);
  expect([2, 7].map(cast.isCommand)).toEqual([true, false]);
  expect(cast.sizeAt(5)).toEqual({ cols: 132, rows: 43 });
  expect(textAt(cast, cast.startOf(1), cast.startOf(4))).toBe('lss\b \b\r\n中文.txt\r\n\u001b[3');
  expect(sizeOf('a')).toBeNull();
});

it('output is kept whole over many blocks, and is read from any byte to any other', () => {
  const { cast, add } = createCastReader();
  add('{"version":2,"width":80,"height":24}\n');
  const pieces = Array.from({ length: 300 }, (_, i) => `${i}:${'运维x'.repeat(1500)}`);
  for (const piece of pieces) add(JSON.stringify([1, 'o', piece]));
  expect(textAt(cast, 0, cast.startOf(300))).toBe(pieces.join(''));
  for (const at of [0, 73, 150, 299]) expect(textAt(cast, cast.startOf(at), cast.startOf(at + 1))).toBe(pieces[at]);
  expect(textAt(cast, cast.startOf(40), cast.startOf(260))).toBe(pieces.slice(40, 260).join(''));
});

it('of what is too long the first part is held, whole events', () => {
  const { cast, add } = createCastReader({ bytes: 10, events: 100 });
  expect(add('{"version":2,"width":80,"height":24}\n[0,"o","123456"]\n[1,"o","1234567"]\n')).toBe(true);
  expect(add('[2,"o","more"]\n')).toBe(false);
  expect([cast.count, textAt(cast, 0, cast.startOf(cast.count))]).toEqual([2, '1234561234567']);
});

it('idle time is cut short for events, markers and transcript alike', () => {
  const times = [0.5, 1, 61, 61, 62, 63];
  const events = { count: times.length, timeOf: (index: number) => times[index] ?? 0 };
  const whole = createTimeline(events, null);
  const short = createTimeline(events, 2);
  expect([whole.duration, short.duration]).toEqual([63, 5]);
  expect([whole.positionOf(2), short.positionOf(2)]).toEqual([61, 3]);
  for (const timeline of [whole, short])
    for (const index of times.keys()) expect(timeline.countAt(timeline.positionOf(index))).toBeGreaterThan(index);
  expect([short.countAt(0), short.countAt(2.9), short.countAt(3), short.countAt(99)]).toEqual([0, 2, 4, 6]);
});

it('a transcript has the lines as they stood, and says which were commands', () => {
  const { transcript } = transcriptOf(file);
  const lines = Array.from({ length: transcript.count }, (_, line) => [
    transcript.eventOf(line),
    transcript.textOf(line),
    transcript.isCommand(line),
  ]);
  expect(lines).toEqual([
    [0, 'ops@web:~$ ls', true],
    [3, '中文.txt', false],
    [3, 'red', false],
    [6, '$ ', false],
  ]);
});

it('a line begins with what is seen of it, not with what comes before', () => {
  const { transcript } = transcriptOf(
    ['{"version":2,"width":80,"height":24}', '[1,"o","\\u001b[?2004l\\r"]', '[2,"o","typed-42\\r\\n"]'].join('\n'),
  );
  expect([transcript.eventOf(0), transcript.textOf(0)]).toEqual([1, 'typed-42']);
});

it('what never ends a line is cut, and a transcript that grows is the same', () => {
  const events = Array.from({ length: 50 }, (_, i) =>
    JSON.stringify([i, 'o', `${i} ${'-'.repeat(3000)}${i % 9 ? '' : '\n\n'}`]),
  );
  const text = ['{"version":2,"width":80,"height":24}', ...events, ''].join('\n');
  const { transcript } = transcriptOf(text);
  const { cast, add } = createCastReader();
  const growing = createTranscript(cast);
  for (const line of text.split('\n')) {
    add(line);
    while (growing.step(cast.count));
  }
  growing.end();
  const all = (of: typeof transcript) => Array.from({ length: of.count }, (_, line) => of.rangeOf(line, line));
  expect(all(growing.transcript)).toEqual(all(transcript));
  expect(Math.max(...all(transcript).map(({ from, to }) => to - from))).toBeLessThan(12_000);
});

it('a line of events that do not count yet is not there: its moment is not in the map of time', () => {
  const cast = castOf(file);
  const { transcript, step } = createTranscript(cast);
  for (let count = 0; count <= cast.count; count++) {
    while (step(count));
    const { countAt, positionOf } = createTimeline({ count, timeOf: cast.timeOf }, 2);
    for (let line = 0; line < transcript.count; line++) {
      const event = transcript.eventOf(line);
      expect(countAt(positionOf(event))).toBeGreaterThan(event);
    }
  }
  expect(transcript.count).toBe(3);
});

it('words are found as they stood, in steps, whatever was typed over or coloured', () => {
  const lines = [
    'not \u001b[31mHe\u001b[0mre',
    'typd\bed',
    'old words\rnew',
    '中文 here',
    ...Array(400).fill('nothing'),
  ];
  const { cast, transcript } = transcriptOf(
    ['{"version":2,"width":80,"height":24}', ...lines.map((line) => JSON.stringify([1, 'o', `${line}\r\n`]))].join(
      '\n',
    ),
  );
  const find = (words: string) => {
    const search = searchLines(transcript, (from, to) => textAt(cast, from, to), words);
    while (search.step());
    return Array.from({ length: search.hits.length }, (_, index) => search.hits.at(index));
  };
  expect(['here', 'typed', 'typd', 'old', 'new', '中文', 'NOTHING'].map((words) => find(words).length)).toEqual([
    2, 1, 0, 0, 1, 1, 400,
  ]);
  expect(find('here')).toEqual([0, 3]);
});
