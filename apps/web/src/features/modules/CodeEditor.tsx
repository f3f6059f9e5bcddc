import type { ModuleProblem } from '@omanager/contract';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type KeyboardEvent, type Ref, useId, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import code from './Code.module.css';
import hidden from './Editor.module.css';
import { indented, offsetOf, onNewLine } from './editing.ts';
import { moduleTexts } from './texts.ts';

export interface CodeArea {
  /** Puts the caret there and shows it. */
  go(place: { line: number; column: number }): void;
}

interface Props {
  ref: Ref<CodeArea>;
  text: string;
  problems: readonly ModuleProblem[];
  onChange: (text: string) => void;
}

const lineHeight = 18;
const padding = 8;

/**
 * A text area with line numbers and marks. Tab leaves it, as it leaves every field; Ctrl+] and Ctrl+[ indent, and a new
 * line begins where the one above it does.
 */
export function CodeEditor({ ref, text, problems, onChange }: Props) {
  const t = useTexts(moduleTexts);
  const hint = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [current, setCurrent] = useState(1);
  const caret = useRef<{ from: number; to: number } | null>(null);

  useImperativeHandle(ref, () => ({
    go({ line, column }) {
      const at = offsetOf(text, line, column);
      area.current?.focus();
      area.current?.setSelectionRange(at, at);
      area.current?.scrollTo({ top: Math.max(0, (line - 4) * lineHeight) });
      setCurrent(line);
    },
  }));

  useLayoutEffect(() => {
    if (caret.current) area.current?.setSelectionRange(caret.current.from, caret.current.to);
    caret.current = null;
  });

  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    const sizes = new ResizeObserver(() => setView({ top: element.scrollTop, height: element.clientHeight }));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);

  function onKey(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (event.nativeEvent.isComposing) return;
    const { selectionStart: from, selectionEnd: to } = event.currentTarget;
    const indents = (event.ctrlKey || event.metaKey) && (event.key === ']' || event.key === '[');
    const edited = indents
      ? indented(text, from, to, event.key === ']')
      : event.key === 'Enter' && !event.ctrlKey && !event.metaKey
        ? onNewLine(text, from, to)
        : null;
    if (!edited) return;
    event.preventDefault();
    caret.current = { from: edited.from, to: edited.to };
    onChange(edited.text);
  }

  const lines = countLines(text);
  const first = Math.max(0, Math.floor((view.top - padding) / lineHeight));
  const shown = Math.min(lines, first + Math.ceil(view.height / lineHeight) + 2) - first;
  const messages = new Map(problems.map(({ line, message }) => [line, message]));
  return (
    <div className={code.editor}>
      <div className={code.gutter} aria-hidden="true" style={{ width: `${Math.max(3, String(lines).length) + 4}ch` }}>
        {Array.from({ length: Math.max(0, shown) }, (_, i) => {
          const line = first + i + 1;
          const problem = messages.get(line);
          return (
            <div
              key={line}
              className={code.gutterLine}
              data-problem={problem !== undefined || undefined}
              data-current={line === current || undefined}
              style={{ top: padding + (line - 1) * lineHeight - view.top }}
              title={problem === undefined ? undefined : safeText(problem)}
            >
              {problem !== undefined && <IconAlertTriangle className={code.mark ?? ''} size={12} stroke={2} />}
              {line}
            </div>
          );
        })}
      </div>
      <textarea
        ref={area}
        className={code.area}
        aria-label={t('text')}
        aria-describedby={hint}
        aria-invalid={problems.length > 0}
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
        wrap="off"
        maxLength={256 * 1024}
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={onKey}
        onScroll={(event) => setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}
        onSelect={(event) => {
          const { value, selectionEnd } = event.currentTarget;
          setCurrent(countLines(value.slice(0, selectionEnd)));
        }}
      />
      <span id={hint} className={hidden.hidden}>
        {t('textHint')}
      </span>
    </div>
  );
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
