import { Autocomplete, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useAnswer, useChange } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { ChangeButton } from '../../ui/ChangeButton.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import { composerPath } from './links.ts';
import { moduleTexts } from './texts.ts';

const offered = 20;

/** Asks for one server, keeps the text as a draft, and goes on in the composer, where it is reviewed and started. */
export function TestDialog({ id, manifest, onClose }: { id: string; manifest: string; onClose: () => void }) {
  const t = useTexts(moduleTexts);
  const ui = useTexts(uiTexts);
  const [, navigate] = useLocation();
  const [name, setName] = useState('');
  const [searched] = useDebouncedValue(name, 200);
  const selector = /^[A-Za-z0-9_.-]+$/.test(searched) ? `${searched}*` : '*';
  const { data, error } = useAnswer('hosts.list', { selector, limit: offered });
  const draft = useChange('modules.draft');
  const names = data?.items.map((host) => host.name) ?? [];
  const known = names.includes(name);
  const failed = error ?? draft.error;
  return (
    <Modal opened onClose={onClose} title={t('testTitle', { id: safeText(id) })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          draft.mutate({ manifest }, { onSuccess: ({ module }) => navigate(composerPath({ module, target: name })) });
        }}
      >
        <Stack gap="md">
          <Text>{t('testWhy')}</Text>
          <Autocomplete
            data-autofocus
            required
            label={t('testServer')}
            data={names}
            limit={offered}
            value={name}
            onChange={setName}
            error={name !== '' && searched === name && data?.items.length === 0 ? t('noServers') : null}
          />
          {failed && <ErrorNote error={failed} />}
          <Group justify="flex-end" gap="sm">
            <Button onClick={onClose}>{ui('cancel')}</Button>
            <ChangeButton type="submit" variant="filled" loading={draft.isPending} disabled={!known}>
              {t('testReview')}
            </ChangeButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
