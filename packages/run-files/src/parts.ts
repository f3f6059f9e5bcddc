import type { Run } from '@omanager/contract';
import { fileText, htmlEnd, htmlHead, htmlText } from './fileText.ts';
import type { Gathered, Places } from './gather.ts';
import type { FileWords } from './words.ts';
import { block, columns, factsOf, headOf, record, tableRow } from './writers.ts';

export interface RunFile {
  readonly run: Run;
  readonly title: string;
  readonly words: FileWords;
  readonly places: Places;
  readonly logs: AsyncIterable<Gathered>;
}

/** A file of text, part by part: as much as one server wrote is in memory at a time. */
export async function* fileParts(
  kind: 'txt' | 'html' | 'csv' | 'jsonl',
  { run, title, words, places, logs }: RunFile,
): AsyncGenerator<string> {
  const facts = `${factsOf(run, words)}\n\n`;
  if (kind === 'txt') yield fileText({ kind, text: `${title}\n${facts}` });
  if (kind === 'html') yield `${htmlHead(title)}${htmlText(facts)}`;
  if (kind === 'csv') yield fileText({ kind, rows: [columns] });
  for await (const one of logs) {
    switch (kind) {
      case 'txt':
        yield fileText({ kind, text: `${block(one, headOf(one, words), null)}\n` });
        break;
      case 'html':
        yield htmlText(`${block(one, headOf(one, words), null)}\n`);
        break;
      case 'csv':
        yield fileText({ kind, rows: [tableRow(one, places)], mark: false });
        break;
      case 'jsonl':
        yield fileText({ kind, rows: [record(run, one, places)] });
        break;
    }
  }
  if (kind === 'html') yield htmlEnd;
}
