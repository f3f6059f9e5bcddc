import { useMemo } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import code from './Code.module.css';
import type { DiffLine } from './diffLines.ts';
import { moduleTexts } from './texts.ts';

/** So many lines that are the same are left around a change. */
const around = 3;
/** A diff of more lines is cut: nobody reads it to the end, and each line is an element. */
const mostShown = 3000;

const signs = { same: ' ', added: '+', removed: '−' } as const;
type Part = { kind: 'line'; line: DiffLine; at: number } | { kind: 'skipped'; count: number; at: number };

/** A difference with its signs, long stretches of what is the same folded. */
export function DiffLines({ lines }: { lines: readonly DiffLine[] }) {
  const t = useTexts(moduleTexts);
  const parts = useMemo(() => folded(lines).slice(0, mostShown), [lines]);
  if (lines.every(({ kind }) => kind === 'same')) return <div className={code.skipped}>{t('identical')}</div>;
  const count = (kind: DiffLine['kind']) => lines.filter((line) => line.kind === kind).length;
  return (
    <div className={code.diff}>
      <div className={code.skipped}>
        {t('added', { count: count('added') })} · {t('removed', { count: count('removed') })}
      </div>
      {parts.map((part) =>
        part.kind === 'skipped' ? (
          <div key={part.at} className={code.skipped}>
            {t('sameLines', { count: part.count })}
          </div>
        ) : (
          <div key={part.at} className={code.line} data-kind={part.line.kind}>
            <span>{signs[part.line.kind]}</span>
            <span lang="">{safeText(part.line.text)}</span>
          </div>
        ),
      )}
    </div>
  );
}

function folded(lines: readonly DiffLine[]): Part[] {
  const near = new Set<number>();
  for (const [i, { kind }] of lines.entries())
    if (kind !== 'same') for (let n = i - around; n <= i + around; n++) near.add(n);
  const parts: Part[] = [];
  for (const [at, line] of lines.entries()) {
    const last = parts.at(-1);
    if (near.has(at)) parts.push({ kind: 'line', line, at });
    else if (last?.kind === 'skipped') last.count++;
    else parts.push({ kind: 'skipped', count: 1, at });
  }
  return parts;
}
