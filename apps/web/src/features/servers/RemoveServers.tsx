import { compressRanges } from '@omanager/contract';
import { useChange } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { safeText } from '../../ui/safeText.ts';
import { editTexts } from './editTexts.ts';
import { countOf, type Selection } from './selection.ts';
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
  const e = useTexts(editTexts);
  const remove = useChange('hosts.remove', { refresh: afterChange });
  const names = selection.kind === 'names' ? [...selection.names] : [];
  const possible = names.length > 0 && names.length <= most;
  return (
    <FormDialog
      danger
      title={e('removeServers', { count: countOf(selection) })}
      submit={e('removeServers', { count: countOf(selection) })}
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
      <p>{possible ? safeText(compressRanges(names).slice(0, 1000)) : e('removeMany')}</p>
      <p>{e('removeWhy')}</p>
    </FormDialog>
  );
}
