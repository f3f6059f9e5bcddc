import { Button } from '@mantine/core';
import { useLocation, useSearchParams } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { useAnswer } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { titleOf, useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { copyText, draftOf, newModuleText, startFrom, versionAfter, withVersion } from './drafts.ts';
import { Editor } from './Editor.tsx';
import { editorPath } from './links.ts';
import { moduleTexts } from './texts.ts';

/** The editor of a module, or of a new one; or the reason why there is none. */
export function EditorPage({ id }: { id: string | null }) {
  const t = useTexts(moduleTexts);
  const may = useMay();
  const [, navigate] = useLocation();
  useTab(editorPath(id), id === null ? titleOf(moduleTexts, 'newModule') : titleOf(moduleTexts, 'editing', { id }));
  if (!may('module.write'))
    return (
      <EmptyState title={t('notAllowed')} action={<Button onClick={() => navigate('/modules')}>{t('library')}</Button>}>
        {t('notAllowedWhy')}
      </EmptyState>
    );
  if (id === null) return <Editor id={null} beginning={{ text: newModuleText, base: null }} />;
  return <OfModule id={id} />;
}

function OfModule({ id }: { id: string }) {
  const t = useTexts(moduleTexts);
  const ui = useTexts(uiTexts);
  const [, navigate] = useLocation();
  const [search] = useSearchParams();
  const from = search.get('from') ?? id;
  const current = useAnswer('modules.get', { module: id });
  const source = useAnswer('modules.get', { module: from });
  const error = current.error ?? source.error;
  if (error) return <ErrorNote error={error} onRetry={() => void current.refetch()} />;
  const [module, text] = [current.data, source.data];
  if (module?.id !== id || text?.id !== id) return <EmptyState title={ui('loading')} />;
  if (module.source !== 'ui') {
    const copy = () => {
      startFrom(null, copyText(module.manifest, id), null);
      navigate('/modules/_new');
    };
    return (
      <EmptyState title={t('notYours')} action={<Button onClick={copy}>{t('copyAsNew')}</Button>}>
        {t('notYoursWhy')}
      </EmptyState>
    );
  }
  const beginning = { text: withVersion(text.manifest, versionAfter(module.version)), base: module.version };
  // A save elsewhere must not throw away what is being written here.
  return <Editor key={from} id={id} beginning={draftOf(id) ?? beginning} />;
}
