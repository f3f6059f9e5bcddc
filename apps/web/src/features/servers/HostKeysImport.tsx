import { useAnswer, useChange } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { ChangeButton } from '../../ui/ChangeButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import { editTexts } from './editTexts.ts';
import css from './ImportPage.module.css';
import { serverTexts } from './texts.ts';
import { afterChange } from './useGroups.ts';
import { VirtualRows } from './VirtualRows.tsx';

/** What a known_hosts file would trust and revoke, and the button that does it. */
export function HostKeysImport({ text, zone }: { text: string; zone: string }) {
  const t = useTexts(serverTexts);
  const e = useTexts(editTexts);
  const ui = useTexts(uiTexts);
  const allowed = useMay()('hostkey.trust');
  const apply = useChange('hostKeys.import', { refresh: [...afterChange, 'hostKeys.importPreview'] });
  const open = apply.isIdle || apply.isError;
  const preview = useAnswer('hostKeys.importPreview', { text, zone }, { enabled: allowed && open });
  if (!allowed) return <EmptyState title={e('known_hosts')}>{t('locked')}</EmptyState>;
  if (apply.data) {
    return (
      <p className={`${layout.bar} ${css.done}`} role="status">
        {e('appliedKeys', { trusted: apply.data.trusted, revoked: apply.data.revoked })}
      </p>
    );
  }
  if (preview.error) return <ErrorNote error={preview.error} onRetry={() => void preview.refetch()} />;
  if (!preview.data || preview.isPlaceholderData) return <p className={layout.bar}>{ui('loading')}</p>;
  const { trusted, revoked, unchanged, unmatched, keys, problems } = preview.data;
  const rows = [
    ...problems.map(({ line, message }) => ({ line, kind: 'invalid' as const, what: message })),
    ...keys.map(({ line, host, type, fingerprint, state }) => ({
      line,
      kind: state,
      what: `${host} ${type} ${fingerprint}`,
    })),
  ];
  return (
    <>
      <div className={`${layout.bar} ${css.bar}`}>
        <h2>{e('preview')}</h2>
        <span className={layout.muted}>
          {e('unchanged', { count: unchanged })} · {e('unmatched', { count: unmatched })}
        </span>
        <span className={layout.push} />
        <ChangeButton
          variant="filled"
          disabled={trusted + revoked === 0}
          loading={apply.isPending}
          onClick={() => apply.mutate({ text, zone })}
        >
          {trusted + revoked === 0 ? e('nothingToDo') : e('applyKeys', { trusted, revoked })}
        </ChangeButton>
      </div>
      {apply.error && <ErrorNote error={apply.error} />}
      <VirtualRows
        items={rows}
        label={e('preview')}
        render={({ line, kind, what }) => (
          <>
            <span className={css.kind} data-kind={kind}>
              {kind === 'invalid' ? e(kind) : t(kind)}
            </span>{' '}
            {line > 0 && <b>{e('line', { line })}: </b>}
            <span className={css.mono}>{safeText(what)}</span>
          </>
        )}
      />
    </>
  );
}
