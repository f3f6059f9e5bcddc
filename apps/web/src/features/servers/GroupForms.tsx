import { Autocomplete, TextInput } from '@mantine/core';
import { groupPathSchema } from '@omanager/contract';
import { useState } from 'react';
import { useChange } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import { FormDialog } from './FormDialog.tsx';
import { serverTexts } from './texts.ts';
import { afterChange, useGroups } from './useGroups.ts';

const isPath = (text: string) => groupPathSchema.safeParse(text).success;
const complaint = (text: string, hint: string) => (text === '' || isPath(text) ? null : hint);

export function AddGroup({ above, onClose }: { above: string | null; onClose: () => void }) {
  const t = useTexts(serverTexts);
  const add = useChange('groups.add', { refresh: afterChange });
  const [path, setPath] = useState(above === null ? '' : `${above}/`);
  return (
    <FormDialog
      title={t('addCategory')}
      submit={t('add')}
      disabled={!isPath(path)}
      busy={add.isPending}
      error={add.error}
      onSubmit={() => add.mutate({ path }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <TextInput
        label={t('categoryPath')}
        description={t('categoryHint')}
        error={complaint(path.replace(/\/$/, ''), t('categoryHint'))}
        value={path}
        data-autofocus
        onChange={(event) => setPath(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

export function MoveGroup({ path, onClose, onMoved }: { path: string; onClose: () => void; onMoved: () => void }) {
  const t = useTexts(serverTexts);
  const move = useChange('groups.move', { refresh: afterChange });
  const [to, setTo] = useState(path);
  return (
    <FormDialog
      title={`${t('renameCategory')} ${safeText(path)}`}
      submit={t('rename')}
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
        label={t('newPath')}
        description={t('categoryHint')}
        error={complaint(to, t('categoryHint'))}
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
  const t = useTexts(serverTexts);
  const remove = useChange('groups.remove', { refresh: afterChange });
  const title = t('removeCategoryTitle', { path: safeText(path) });
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
      <p>{t('removeCategoryWhy')}</p>
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
  const groups = useGroups();
  const assign = useChange('groups.assign', { refresh: afterChange });
  const [path, setPath] = useState(first);
  return (
    <FormDialog
      title={t(member ? 'assign' : 'unassign')}
      submit={t(member ? 'assignDo' : 'unassignDo', { count })}
      disabled={!isPath(path)}
      busy={assign.isPending}
      error={assign.error}
      onSubmit={() => assign.mutate({ path, selector, member }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Autocomplete
        label={t('categoryPath')}
        description={t('categoryHint')}
        error={complaint(path, t('categoryHint'))}
        data={[...groups]}
        limit={50}
        value={path}
        data-autofocus
        onChange={setPath}
      />
    </FormDialog>
  );
}
