import { Autocomplete, TextInput } from '@mantine/core';
import { groupPathSchema } from '@omanager/contract';
import { useState } from 'react';
import { useChange } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { safeText } from '../../ui/safeText.ts';
import { editTexts } from './editTexts.ts';
import { serverTexts } from './texts.ts';
import { afterChange, useGroups } from './useGroups.ts';

const isPath = (text: string) => groupPathSchema.safeParse(text).success;
const complaint = (text: string, hint: string) => (text === '' || isPath(text) ? null : hint);

export function AddGroup({ above, onClose }: { above: string | null; onClose: () => void }) {
  const t = useTexts(serverTexts);
  const e = useTexts(editTexts);
  const add = useChange('groups.add', { refresh: afterChange });
  const [path, setPath] = useState(above === null ? '' : `${above}/`);
  return (
    <FormDialog
      title={t('addCategory')}
      submit={e('add')}
      disabled={!isPath(path)}
      busy={add.isPending}
      error={add.error}
      onSubmit={() => add.mutate({ path }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <TextInput
        label={e('categoryPath')}
        description={e('categoryHint')}
        error={complaint(path.replace(/\/$/, ''), e('categoryHint'))}
        value={path}
        data-autofocus
        onChange={(event) => setPath(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

export function MoveGroup({ path, onClose, onMoved }: { path: string; onClose: () => void; onMoved: () => void }) {
  const t = useTexts(serverTexts);
  const e = useTexts(editTexts);
  const move = useChange('groups.move', { refresh: afterChange });
  const [to, setTo] = useState(path);
  return (
    <FormDialog
      title={`${t('renameCategory')} ${safeText(path)}`}
      submit={e('rename')}
      disabled={!isPath(to) || to === path}
      busy={move.isPending}
      error={move.error}
      onSubmit={() =>
        move.mutate(
          { path, to },
          {
            onSuccess: () => {
              onMoved();
              onClose();
            },
          },
        )
      }
      onClose={onClose}
    >
      <TextInput
        label={e('newPath')}
        description={e('categoryHint')}
        error={complaint(to, e('categoryHint'))}
        value={to}
        data-autofocus
        onChange={(event) => setTo(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

export function RemoveGroup({
  path,
  onClose,
  onRemoved,
}: {
  path: string;
  onClose: () => void;
  onRemoved: () => void;
}) {
  const e = useTexts(editTexts);
  const remove = useChange('groups.remove', { refresh: afterChange });
  const title = e('removeCategoryTitle', { path: safeText(path) });
  return (
    <FormDialog
      danger
      title={title}
      submit={title}
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() =>
        remove.mutate(
          { path },
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
      <p>{e('removeCategoryWhy')}</p>
    </FormDialog>
  );
}

interface AssignProps {
  selector: string;
  count: number;
  /** Into the category, or out of it. */
  member: boolean;
  path: string;
  onClose: () => void;
}

export function AssignGroup({ selector, count, member, path: first, onClose }: AssignProps) {
  const t = useTexts(serverTexts);
  const e = useTexts(editTexts);
  const groups = useGroups();
  const assign = useChange('groups.assign', { refresh: afterChange });
  const [path, setPath] = useState(first);
  return (
    <FormDialog
      title={t(member ? 'assign' : 'unassign')}
      submit={e(member ? 'assignDo' : 'unassignDo', { count })}
      disabled={!isPath(path)}
      busy={assign.isPending}
      error={assign.error}
      onSubmit={() => assign.mutate({ path, selector, member }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Autocomplete
        label={e('categoryPath')}
        description={e('categoryHint')}
        error={complaint(path, e('categoryHint'))}
        data={[...groups]}
        limit={50}
        value={path}
        data-autofocus
        onChange={setPath}
      />
    </FormDialog>
  );
}
