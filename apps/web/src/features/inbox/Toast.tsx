import type { Run } from '@omanager/contract';
import { IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import { StateLabel } from '../../ui/StateLabel.tsx';
import { safeText } from '../../ui/safeText.ts';
import { useMyRuns } from './MyRuns.tsx';
import { needOf } from './needs.ts';
import css from './Toast.module.css';
import { inboxTexts } from './texts.ts';

const shownMs = 6000;

/** At most one, for a run that ended well while one looked elsewhere; what went wrong stands in the inbox and stays. */
export function Toast() {
  const { ended } = useMyRuns();
  const [location] = useLocation();
  const [closed, setClosed] = useState<Run | null>(null);
  if (!ended || ended === closed || needOf(ended) !== null || location.startsWith(`/runs/${ended.id}`)) return null;
  return <Shown key={`${ended.id} ${ended.attempt}`} run={ended} onClose={() => setClosed(ended)} />;
}

function Shown({ run, onClose }: { run: Run; onClose: () => void }) {
  const t = useTexts(inboxTexts);
  const title = useTitle();
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(onClose, shownMs);
    return () => clearTimeout(timer);
  }, [held, onClose]);
  return (
    <div
      className={css.toast}
      role="status"
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <StateLabel state={run.state} />
      <Link href={`/runs/${run.id}`} onClick={onClose}>
        #{run.number} {safeText(title(run.module.title))}
      </Link>
      <button type="button" aria-label={t('close')} onClick={onClose}>
        <IconX size={14} stroke={1.5} aria-hidden="true" />
      </button>
    </div>
  );
}
