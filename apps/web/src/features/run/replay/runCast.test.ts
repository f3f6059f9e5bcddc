import { describe, expect, it } from 'vitest';
import type { Cast } from '../../audit/sessions/cast.ts';
import { textAt } from '../../audit/sessions/transcript.ts';
import { createRunCast } from './runCast.ts';

type Lines = Parameters<ReturnType<typeof createRunCast>['add']>[0]['lines'];
const line = (number: number, text: string, more: Partial<Lines[number]> = {}): Lines[number] => ({
  ...{ line: number, text, stream: 'stdout', byte: 0, bytes: text.length, end: 'newline' },
  ...more,
});
const eventsOf = (cast: Cast) =>
  Array.from({ length: cast.count }, (_, event) => ({
    at: cast.timeOf(event),
    data: textAt(cast, cast.startOf(event), cast.startOf(event + 1)),
  }));
const at = (second: number) => `2026-11-22T10:00:0${second}.500Z`;

describe('the output of a run as a recording', () => {
  it('has each line when it arrived, over pages, from the beginning of the run', () => {
    const cast = createRunCast('2026-11-22T10:00:00.000Z');
    cast.add({
      lines: [line(1, 'a'), line(2, 'b', { stream: 'stderr' }), line(3, 'c')],
      times: [
        { line: 1, at: at(1) },
        { line: 3, at: at(4) },
      ],
    });
    cast.add({
      lines: [line(4, 'long', { end: 'cut' }), line(5, 'end', { end: 'open' })],
      times: [{ line: 4, at: at(6) }],
    });
    const whole = cast.end();
    expect([whole.cols, whole.rows]).toEqual([80, 30]);
    expect(eventsOf(whole)).toEqual([
      { at: 1.5, data: 'a\r\n' },
      { at: 1.5, data: '\u001b[31mb\u001b[0m\r\n' },
      { at: 4.5, data: 'c\r\n' },
      { at: 6.5, data: 'long…\r\n' },
      { at: 6.5, data: 'end' },
    ]);
  });

  it('never goes back in time, and begins with its first line when it is not known when the run did', () => {
    const cast = createRunCast(null);
    cast.add({ lines: [line(1, 'a')], times: [{ line: 1, at: at(5) }] });
    cast.add({ lines: [line(2, 'b')], times: [{ line: 2, at: at(3) }] });
    expect(eventsOf(cast.end()).map((event) => event.at)).toEqual([0, 0]);
  });
});
