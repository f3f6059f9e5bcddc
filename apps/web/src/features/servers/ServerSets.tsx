import { Button, Menu, TextInput } from '@mantine/core';
import { type OmError, type ServerSet, serverSetNameSchema } from '@omanager/contract';
import { IconBookmark, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { asOmError, useAnswer, useChange } from '../../data/calls.ts';
import { useMay, useSession } from '../../data/session.tsx';
import { useBlockWords } from '../../data/useBlockWords.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { safeText } from '../../ui/safeText.ts';
import { type Selection, selectorOfSelection } from './selection.ts';
import { serverSetTexts } from './serverSetTexts.ts';

interface Props {
  selection: Selection;
  onUse: (selection: Selection) => void;
}

/** Servers that everybody here keeps under a name: chosen by it, saved, forgotten. */
export function ServerSets({ selection, onUse }: Props) {
  const t = useTexts(serverSetTexts);
  const { client } = useSession();
  const may = useMay();
  const block = useBlockWords();
  const sets = useAnswer('serverSets.list', {});
  const remove = useChange('serverSets.remove', { refresh: ['serverSets.list'] });
  const [problem, setProblem] = useState<OmError | string | null>(null);
  const [saving, setSaving] = useState(false);
  const selector = selectorOfSelection(selection);
  const items = sets.data?.items ?? [];
  const maySave = may('inventory.write');

  async function use({ name, selector }: ServerSet): Promise<void> {
    setProblem(null);
    try {
      const { total } = await client.call('hosts.count', { selector });
      if (total === 0) setProblem(t('empty', { name: safeText(name) }));
      else onUse({ kind: 'matching', selector, total });
    } catch (error) {
      setProblem(asOmError(error));
    }
  }

  return (
    <>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconBookmark size={16} stroke={1.5} aria-hidden="true" />}
          >
            {t('sets')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={400} style={{ overflowY: 'auto' }}>
          {items.length === 0 && <Menu.Label>{t('none')}</Menu.Label>}
          {items.map((set) => (
            <Menu.Item key={set.name} title={safeText(set.selector)} onClick={() => void use(set)}>
              {safeText(set.name)}
            </Menu.Item>
          ))}
          {maySave && (
            <>
              <Menu.Divider />
              <Menu.Item
                disabled={selector === null || selector === '' || block !== null}
                onClick={() => setSaving(true)}
              >
                {t('save')}
              </Menu.Item>
              {items.map(({ name }) => (
                <Menu.Item
                  key={name}
                  leftSection={<IconX size={14} stroke={1.5} aria-hidden="true" />}
                  disabled={block !== null}
                  onClick={() => remove.mutate({ name })}
                >
                  {t('forget', { name: safeText(name) })}
                </Menu.Item>
              ))}
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {typeof problem === 'string' && <p role="alert">{problem}</p>}
      {problem !== null && typeof problem !== 'string' && <ErrorNote error={problem} />}
      {remove.error && <ErrorNote error={remove.error} />}
      {sets.error && <ErrorNote error={sets.error} onRetry={() => void sets.refetch()} />}
      {saving && selector !== null && (
        <SaveSet {...{ selector }} taken={items.map(({ name }) => name)} onClose={() => setSaving(false)} />
      )}
    </>
  );
}

function SaveSet({ selector, taken, onClose }: { selector: string; taken: readonly string[]; onClose: () => void }) {
  const t = useTexts(serverSetTexts);
  const save = useChange('serverSets.save', { refresh: ['serverSets.list'] });
  const [typed, setTyped] = useState('');
  const name = typed.trim();
  const wrong = name !== '' && !serverSetNameSchema.safeParse(name).success;
  return (
    <FormDialog
      title={t('saveTitle')}
      submit={t(taken.includes(name) ? 'replace' : 'keep')}
      disabled={name === '' || wrong}
      busy={save.isPending}
      error={save.error}
      onClose={onClose}
      onSubmit={() => save.mutate({ name, selector }, { onSuccess: onClose })}
    >
      <TextInput
        data-autofocus
        label={t('name')}
        description={t('nameHint')}
        error={wrong && t('nameWrong')}
        maxLength={60}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <code>{safeText(selector.length > 300 ? `${selector.slice(0, 300)}…` : selector)}</code>
    </FormDialog>
  );
}
