import { ActionIcon, Button } from '@mantine/core';
import { IconArrowLeft, IconServer2 } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { closeTab } from '../../app/tabs.ts';
import type { Values } from '../../forms/params.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { type CodeArea, CodeEditor } from './CodeEditor.tsx';
import { draftOf, forgetDraft, startFrom } from './drafts.ts';
import css from './Editor.module.css';
import { EditorPreview } from './EditorPreview.tsx';
import { KeptDraft } from './KeptDraft.tsx';
import { editorPath } from './links.ts';
import { EditorStatus, Problems } from './Problems.tsx';
import { SaveDialog } from './SaveDialog.tsx';
import { TestDialog } from './TestDialog.tsx';
import { moduleTexts } from './texts.ts';
import { useCheck } from './useCheck.ts';

interface Props {
  /** Null for a new module. */
  id: string | null;
  /** What is written when nothing was written before. */
  beginning: { text: string; base: string | null };
}

/** Text on the left, what it makes on the right, problems below; test and save above. */
export function Editor({ id, beginning }: Props) {
  const t = useTexts(moduleTexts);
  const [, navigate] = useLocation();
  const [kept, setKept] = useState(() => draftOf(id));
  const [{ text, base }, setText] = useState<{ text: string; base: string | null }>(kept ?? beginning);
  const [values, setValues] = useState<Values>({});
  const [asked, setAsked] = useState<'save' | 'test' | null>(null);
  const check = useCheck(text, values);
  const area = useRef<CodeArea>(null);
  const problems = check.result?.problems ?? [];
  const module = check.result?.module ?? null;
  const clean = problems.length === 0 && module !== null && !check.waiting && check.error === null;
  // A version that is saved already may be tried again.
  const testable =
    module !== null && !check.waiting && problems.every(({ message }) => message.startsWith('version: '));

  function write(next: string): void {
    setText({ text: next, base });
    startFrom(id, next, base);
  }

  return (
    <div className={css.editor}>
      <header className={layout.bar}>
        <ActionIcon
          aria-label={t('back')}
          onClick={() => navigate(id === null ? '/modules' : `/modules/${encodeURIComponent(id)}`)}
        >
          <IconArrowLeft size={16} stroke={1.5} aria-hidden="true" />
        </ActionIcon>
        <h1 className={layout.cut}>{id === null ? t('newModule') : t('editing', { id: safeText(id) })}</h1>
        <EditorStatus check={check} />
        <div className={css.actions}>
          <Button
            leftSection={<IconServer2 size={14} stroke={1.5} aria-hidden="true" />}
            disabled={!testable}
            onClick={() => setAsked('test')}
          >
            {t('test')}…
          </Button>
          <Button variant="filled" disabled={!clean} onClick={() => setAsked('save')}>
            {t('save')}…
          </Button>
        </div>
      </header>
      {kept && (
        <KeptDraft
          draft={kept}
          onDiscard={() => {
            forgetDraft(id);
            setKept(null);
            setText(beginning);
          }}
        />
      )}
      {check.error && <ErrorNote error={check.error} />}
      <div className={css.parts}>
        <section className={css.writing} aria-label={t('text')}>
          <CodeEditor ref={area} text={text} problems={problems} onChange={write} />
          <Problems check={check} text={text} onGo={(problem) => area.current?.go(problem)} onChange={write} />
        </section>
        <EditorPreview check={check} values={values} onChange={setValues} />
      </div>
      {asked === 'test' && module && <TestDialog id={module.id} manifest={text} onClose={() => setAsked(null)} />}
      {asked === 'save' && module && (
        <SaveDialog
          module={module}
          manifest={text}
          base={base}
          onClose={() => setAsked(null)}
          onSaved={() => {
            forgetDraft(id);
            closeTab(editorPath(id));
            navigate(`/modules/${encodeURIComponent(module.id)}`);
          }}
        />
      )}
    </div>
  );
}
