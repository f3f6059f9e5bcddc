import { Button } from '@mantine/core';
import { type TimelineKind, timelineKinds } from '@omanager/contract';
import { IconRefresh } from '@tabler/icons-react';
import { useTexts } from '../../../i18n/useTexts.ts';
import chips from '../../../ui/chips.module.css';
import { daysAgo } from '../../../ui/filters/days.ts';
import { ToggleChip } from '../../../ui/filters/FilterChip.tsx';
import { filterTexts } from '../../../ui/filters/texts.ts';
import { timelineTexts } from './texts.ts';

interface Props {
  /** None: all. */
  kinds: ReadonlySet<TimelineKind>;
  /** The first day. */
  from: string | null;
  isFiltered: boolean;
  onKind: (kind: TimelineKind) => void;
  onFrom: (day: string | null) => void;
  onClear: () => void;
  onRefresh: () => void;
}

/** Which kinds of things are shown, and since when. */
export function Chips({ kinds, from, isFiltered, onKind, onFrom, onClear, onRefresh }: Props) {
  const t = useTexts(timelineTexts);
  const tFilter = useTexts(filterTexts);
  return (
    <fieldset className={chips.chips} aria-label={t('only')}>
      {timelineKinds.map((kind) => (
        <ToggleChip key={kind} on={kinds.has(kind)} onClick={() => onKind(kind)}>
          {t(kind)}
        </ToggleChip>
      ))}
      {(
        [
          ['today', daysAgo(0)],
          ['week', daysAgo(6)],
          ['month', daysAgo(29)],
        ] as const
      ).map(([span, day]) => (
        <ToggleChip key={span} on={from === day} onClick={() => onFrom(from === day ? null : day)}>
          {tFilter(span)}
        </ToggleChip>
      ))}
      {isFiltered && (
        <Button variant="subtle" size="compact-sm" onClick={onClear}>
          {t('clear')}
        </Button>
      )}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconRefresh size={16} stroke={1.5} aria-hidden="true" />}
        onClick={onRefresh}
      >
        {t('refresh')}
      </Button>
    </fieldset>
  );
}
