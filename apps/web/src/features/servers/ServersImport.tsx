import type { ParamsIn } from '@omanager/contract';
import { useMemo } from 'react';
import { useAnswer, useChange } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { ChangeButton } from '../../ui/ChangeButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import { editTexts } from './editTexts.ts';
import css from './ImportPage.module.css';
import { type PreviewRow, previewRows } from './previewRows.ts';
import { afterChange } from './useGroups.ts';
import { VirtualRows } from './VirtualRows.tsx';

/** What a file would do to the inventory, and the button that does exactly that. */
export function ServersImport({ file }: { file: ParamsIn<'hosts.importPreview'> }) {
  const e = useTexts(editTexts);
  const ui = useTexts(uiTexts);
  const apply = useChange('hosts.importApply', { refresh: [...afterChange, 'hosts.importPreview'] });
  // What is being done, or done, need not be previewed again.
  const preview = useAnswer('hosts.importPreview', file, { enabled: apply.isIdle || apply.isError });
  const rows = useMemo(() => (preview.data ? previewRows(preview.data) : []), [preview.data]);
  if (apply.data) {
    return (
      <p className={`${layout.bar} ${css.done}`} role="status">
        {e('applied', apply.data)}
      </p>
    );
  }
  if (preview.error) return <ErrorNote error={preview.error} onRetry={() => void preview.refetch()} />;
  if (!preview.data || preview.isPlaceholderData) return <p className={layout.bar}>{ui('loading')}</p>;
  const { added, changed, removed, unchanged, problems, digest } = preview.data;
  const counts = { added: added.length, changed: changed.length, removed: removed.length };
  const nothing = counts.added + counts.changed + counts.removed === 0;
  return (
    <>
      <div className={`${layout.bar} ${css.bar}`}>
        <h2>{e('preview')}</h2>
        <span className={layout.muted}>{e('unchanged', { count: unchanged })}</span>
        <span className={layout.push} />
        {problems.length > 0 ? (
          <span role="status">{e('fixFirst', { count: problems.length })}</span>
        ) : (
          <ChangeButton
            variant="filled"
            disabled={nothing}
            loading={apply.isPending}
            onClick={() => apply.mutate({ ...file, digest })}
          >
            {nothing ? e('nothingToDo') : e('applyDo', counts)}
          </ChangeButton>
        )}
      </div>
      {apply.error && <ErrorNote error={apply.error} onRetry={() => void preview.refetch()} />}
      {rows.length === 0 ? (
        <EmptyState title={e('nothingToDo')}>{e('unchanged', { count: unchanged })}</EmptyState>
      ) : (
        <VirtualRows items={rows} label={e('preview')} render={(row) => <Line row={row} />} />
      )}
    </>
  );
}

function Line({ row }: { row: PreviewRow }) {
  const e = useTexts(editTexts);
  const kind = (
    <span className={css.kind} data-kind={row.kind}>
      {e(row.kind)}
    </span>
  );
  if (row.kind === 'invalid')
    return (
      <>
        {kind} {row.line > 0 && <b>{e('line', { line: row.line })}: </b>}
        {safeText(row.message)}
      </>
    );
  return (
    <>
      {kind} <span className={css.mono}>{safeText(row.name)}</span>
      {row.kind === 'new' && <span className={layout.muted}> {safeText(row.what)}</span>}
      {row.kind === 'willChange' &&
        row.fields.map(({ field, from, to }) => (
          <span key={field} className={css.field}>
            {safeText(field)}: {safeText(from) || '∅'} → {safeText(to) || '∅'}
          </span>
        ))}
    </>
  );
}
