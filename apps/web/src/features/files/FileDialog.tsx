import { Checkbox, TextInput } from '@mantine/core';
import { isFileName } from '@omanager/contract';
import { useState } from 'react';
import { useChange } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { safeText } from '../../ui/safeText.ts';
import css from './Files.module.css';
import { PreviewDialog } from './PreviewDialog.tsx';
import { joined, nameOf, parentOf, typedPath } from './paths.ts';
import { RemoveSeveral } from './RemoveSeveral.tsx';
import { fileTexts } from './texts.ts';

/** What is asked for before something is done with a path. */
export type Asked =
  | { kind: 'newFolder'; path: string }
  | { kind: 'rename'; path: string }
  | { kind: 'setMode'; path: string; mode: number }
  | { kind: 'remove'; path: string; folder: boolean }
  | { kind: 'removeSeveral'; path: string; paths: readonly string[] }
  | { kind: 'preview'; path: string };

interface Props {
  host: string;
  asked: Asked;
  /** The name that was typed, on production. */
  confirm: string | undefined;
  onDownload: (path: string) => void;
  onClose: () => void;
}

export function FileDialog({ host, asked, confirm, onDownload, onClose }: Props) {
  const own = { host, onClose, of: { host, path: asked.path, ...(confirm !== undefined && { confirm }) } };
  switch (asked.kind) {
    case 'newFolder':
      return <NewFolder {...own} />;
    case 'rename':
      return <Rename {...own} />;
    case 'setMode':
      return <SetMode {...own} mode={asked.mode} />;
    case 'remove':
      return <Remove {...own} folder={asked.folder} />;
    case 'removeSeveral':
      return <RemoveSeveral of={own.of} paths={asked.paths} onClose={onClose} />;
    case 'preview':
      return <PreviewDialog {...{ host, onClose }} path={asked.path} onDownload={() => onDownload(asked.path)} />;
  }
}

interface Own {
  host: string;
  of: { host: string; path: string; confirm?: string };
  onClose: () => void;
}
const refresh = { refresh: ['files.list'] } as const;

function NewFolder({ of, onClose }: Own) {
  const t = useTexts(fileTexts);
  const [name, setName] = useState('');
  const make = useChange('files.makeFolder', refresh);
  return (
    <FormDialog
      title={t('newFolder')}
      submit={t('create')}
      disabled={!isFileName(name)}
      busy={make.isPending}
      error={make.error}
      onSubmit={() => make.mutate({ ...of, path: joined(of.path, name) }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>{safeText(of.path)}</p>
      <TextInput
        label={t('folderName')}
        value={name}
        data-autofocus
        error={name !== '' && !isFileName(name) && t('badName')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

function Rename({ of, onClose }: Own) {
  const t = useTexts(fileTexts);
  const [typed, setTyped] = useState(nameOf(of.path));
  const rename = useChange('files.rename', refresh);
  const to = typedPath(typed.trim(), parentOf(of.path));
  return (
    <FormDialog
      title={t('rename')}
      submit={t('rename')}
      disabled={to === of.path || to === '/'}
      busy={rename.isPending}
      error={rename.error}
      onSubmit={() => rename.mutate({ ...of, to }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>{safeText(of.path)}</p>
      <TextInput
        label={t('newName')}
        value={typed}
        data-autofocus
        description={safeText(to)}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

const octalForm = /^[0-7]{3,4}$/;
const who = ['ownerMay', 'groupMay', 'othersMay'] as const;
const what = ['mayRead', 'mayWrite', 'mayRun'] as const;

function SetMode({ of, mode, onClose }: Own & { mode: number }) {
  const t = useTexts(fileTexts);
  const [typed, setTyped] = useState(mode.toString(8).padStart(3, '0'));
  const set = useChange('files.setMode', refresh);
  const good = octalForm.test(typed);
  const now = good ? Number.parseInt(typed, 8) : 0;
  return (
    <FormDialog
      title={`${t('setMode')}: ${safeText(nameOf(of.path))}`}
      submit={t('save')}
      disabled={!good}
      busy={set.isPending}
      error={set.error}
      onSubmit={() => set.mutate({ ...of, mode: now }, { onSuccess: onClose })}
      onClose={onClose}
    >
      {who.map((person, i) => (
        <fieldset key={person} className={css.bits}>
          <legend>{t(person)}</legend>
          {what.map((right, j) => {
            const bit = 1 << (8 - i * 3 - j);
            return (
              <Checkbox
                key={right}
                label={t(right)}
                checked={(now & bit) !== 0}
                disabled={!good}
                onChange={() => setTyped((now ^ bit).toString(8).padStart(3, '0'))}
              />
            );
          })}
        </fieldset>
      ))}
      <TextInput
        label={t('octal')}
        value={typed}
        error={!good && t('octalBad')}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

function Remove({ host, of, folder, onClose }: Own & { folder: boolean }) {
  const t = useTexts(fileTexts);
  const remove = useChange('files.remove', refresh);
  return (
    <FormDialog
      danger
      title={t('removeTitle', { name: safeText(nameOf(of.path)) })}
      submit={t('remove')}
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate(of, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>{t('removeWhy', { path: safeText(of.path), host: safeText(host) })}</p>
      {folder && <p>{t('removeFolder')}</p>}
    </FormDialog>
  );
}
