import { Button, Modal } from '@mantine/core';
import type { OmError, Plan, ResultOf } from '@omanager/contract';
import { useEffect, useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { safeText } from '../../ui/safeText.ts';
import css from './Composer.module.css';
import { composerTexts } from './texts.ts';

type Host = ResultOf<'runs.planHosts'>['items'][number];

const pageSize = 200;

/** The servers of a plan, as frozen: address, user, route, host key. */
export function PlanHosts({ plan, onClose }: { plan: Plan; onClose: () => void }) {
  const t = useTexts(composerTexts);
  const { client } = useSession();
  const [hosts, setHosts] = useState<readonly Host[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<OmError | null>(null);

  async function load(cursor: string | null, signal?: AbortSignal): Promise<void> {
    try {
      const asked = { planId: plan.id, limit: pageSize, ...(cursor === null ? {} : { cursor }) };
      const page = await client.call('runs.planHosts', asked, signal ? { signal } : {});
      setHosts((before) => (cursor === null ? page.items : [...before, ...page.items]));
      setNext(page.next ?? null);
    } catch (cause) {
      if (!signal?.aborted) setError(asOmError(cause));
    }
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: the first page of this plan
  useEffect(() => {
    const stop = new AbortController();
    void load(null, stop.signal);
    return () => stop.abort();
  }, [plan.id]);

  return (
    <Modal opened onClose={onClose} title={t('planServers')} size="xl">
      {error && <ErrorNote error={error} />}
      <ul className={css.planHosts}>
        {hosts.map((host) => (
          <li key={host.ordinal}>
            <b>{safeText(host.name)}</b> {safeText(`${host.user}@${host.address}:${host.port}`)}
            {host.route.length > 0 && ` ← ${safeText(host.route.join(' → '))}`}
            <span>{safeText(host.credential ?? '–')}</span>
          </li>
        ))}
      </ul>
      {next !== null && <Button onClick={() => void load(next)}>{t('moreHosts')}</Button>}
    </Modal>
  );
}
