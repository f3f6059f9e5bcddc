import { compressRanges } from '@omanager/contract';
import { useChange } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import { FormDialog } from './FormDialog.tsx';
import { countOf, type Selection } from './selection.ts';
import { serverTexts } from './texts.ts';
import { afterChange } from './useGroups.ts';

/** Most that one call removes. */
const most = 1000;

/** Only servers that were chosen one by one are removed, never "all that match". */
export function RemoveServers({
  selection,
  onClose,
  onRemoved,
}: {
  selection: Selection;
  onClose: () => void;
  onRemoved: () => void;
}) {
  const t = useTexts(serverTexts);
  const remove = useChange('hosts.remove', { refresh: afterChange });
  const names = selection.kind === 'names' ? [...selection.names] : [];
  const possible = names.length > 0 && names.length <= most;
  return (
    <FormDialog
      danger
      title={t('removeServers', { count: countOf(selection) })}
      submit={t('removeServers', { count: countOf(selection) })}
      disabled={!possible}
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() =>
        remove.mutate(
          { names },
          {
            onSuccess: () => {
              onRemoved();
              onClose();
            },
          },
        )
      }
      onClose={onClose}
    >
      <p>{possible ? safeText(compressRanges(names).slice(0, 1000)) : t('removeMany')}</p>
      <p>{t('removeWhy')}</p>
    </FormDialog>
  );
}
