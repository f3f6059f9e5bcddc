import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { useTexts } from '../i18n/useTexts.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { safeText } from '../ui/safeText.ts';
import { appTexts } from './texts.ts';

/** A page that breaks is shown as broken; the rest goes on. React has this as classes only. */
export class PageGuard extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return <Broken error={this.state.error} />;
  }
}

function Broken({ error }: { error: unknown }) {
  const t = useTexts(appTexts);
  const reload = () => location.reload();
  if (isOfOldVersion(error))
    return (
      <EmptyState title={t('newVersion')} action={<Button onClick={reload}>{t('reloadToUpdate')}</Button>}>
        {t('newVersionWhy')}
      </EmptyState>
    );
  const message = safeText(error instanceof Error ? error.message : String(error));
  return (
    <EmptyState title={t('failed')} action={<Button onClick={reload}>{t('reload')}</Button>}>
      {t('failedWhy', { message })}
    </EmptyState>
  );
}

/** A part that was to be loaded is there no more: each browser says it in words of its own. */
const isOfOldVersion = (error: unknown): boolean =>
  error instanceof Error &&
  /dynamically imported module|importing a module script|preload CSS|error loading dynamically/i.test(error.message);
