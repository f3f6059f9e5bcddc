import { Button, NativeSelect, Slider, Switch } from '@mantine/core';
import type { Recording } from '@omanager/contract';
import {
  IconLink,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerTrackNext,
  IconPlayerTrackPrev,
} from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import { useTexts } from '../../../i18n/useTexts.ts';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import layout from '../../../ui/layout.module.css';
import { clockOf } from '../../../ui/Time.tsx';
import type { CastFile } from './castFile.ts';
import css from './Sessions.module.css';
import { Transcript } from './Transcript.tsx';
import { sessionTexts } from './texts.ts';
import { createTimeline } from './timeline.ts';
import { transcriptOf } from './transcript.ts';
import { useRecording } from './useRecording.ts';
import { useReplay } from './useReplay.ts';

const speeds = [0.5, 1, 2, 4, 8, 16];
const idleSeconds = 2;

/** Replays a recording, with what was shown as text beside it; both go by one map of time. */
export function Player({ recording }: { recording: Recording }) {
  const t = useTexts(sessionTexts);
  const { file, partly, done, of, error } = useRecording(recording.id);
  if (error) return <ErrorNote error={error} />;
  if (!file)
    return (
      <p className={css.note} role="status">
        {t('loading', { done, of })}
      </p>
    );
  return (
    <>
      {partly && <p className={css.note}>{t('partly')}</p>}
      <Replaying file={file} />
      {recording.sha256 !== null && (
        <p className={`${css.note} ${layout.mono}`}>{t('checksum', { sha256: recording.sha256 })}</p>
      )}
    </>
  );
}

/** Plays one file: of a terminal, or of what a server wrote in a run. */
export function Replaying({ file }: { file: CastFile }) {
  const t = useTexts(sessionTexts);
  const [params] = useSearchParams();
  const [speed, setSpeed] = useState(1);
  const [skipIdle, setSkipIdle] = useState(true);
  const [copied, setCopied] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const timelines = useMemo(
    () => ({ short: createTimeline(file.events, idleSeconds), whole: createTimeline(file.events, null) }),
    [file],
  );
  const timeline = skipIdle ? timelines.short : timelines.whole;
  const lines = useMemo(() => transcriptOf(file.events), [file]);
  const hasCommands = lines.some(({ command }) => command);
  // A link names a moment of the recording itself, however it is played.
  const asked = Number(params.get('t') ?? 0);
  const from = asked > 0 ? timeline.positionOf(Math.max(0, timelines.whole.countAt(asked) - 1)) : 0;
  const replay = useReplay(box, file, timeline, { speed, label: t('screen'), from });
  const { position, playing, behind } = replay;

  const goTo = (to: 'previous' | 'next') => {
    const marks = lines.filter(({ command }) => command).map(({ event }) => timeline.positionOf(event));
    const found =
      to === 'next' ? marks.find((at) => at > position + 0.05) : marks.findLast((at) => at < position - 0.5);
    if (found !== undefined) replay.seek(found);
  };
  const share = () => {
    const at = file.events[Math.max(0, timeline.countAt(position) - 1)]?.at ?? 0;
    const search = new URLSearchParams(location.search);
    search.set('t', String(Math.floor(at)));
    const link = `${location.origin}${location.pathname}?${search}`;
    void navigator.clipboard?.writeText(link).then(() => setCopied(true));
  };
  const onIdle = (skip: boolean) => {
    const event = Math.max(0, timeline.countAt(position) - 1);
    setSkipIdle(skip);
    replay.seek((skip ? timelines.short : timelines.whole).positionOf(event));
  };
  const icon = { size: 16, 'aria-hidden': true } as const;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the player, wherever in it the focus is
    <div
      className={css.player}
      onKeyDown={(event) => {
        if (event.target instanceof HTMLInputElement || event.nativeEvent.isComposing) return;
        if (event.key === '[') goTo('previous');
        else if (event.key === ']') goTo('next');
      }}
    >
      <div className={css.controls}>
        <Button
          variant="filled"
          leftSection={playing ? <IconPlayerPauseFilled {...icon} /> : <IconPlayerPlayFilled {...icon} />}
          onClick={replay.toggle}
        >
          {t(playing ? 'pause' : 'play')}
        </Button>
        {hasCommands && (
          <>
            <Button aria-label={t('previous')} title={`${t('previous')} [`} onClick={() => goTo('previous')}>
              <IconPlayerTrackPrev {...icon} />
            </Button>
            <Button aria-label={t('next')} title={`${t('next')} ]`} onClick={() => goTo('next')}>
              <IconPlayerTrackNext {...icon} />
            </Button>
          </>
        )}
        <Slider
          className={css.slider ?? ''}
          thumbLabel={t('position')}
          min={0}
          max={Math.max(0.1, timeline.duration)}
          step={0.1}
          value={position}
          label={(value) => clockOf(value * 1000)}
          onChange={replay.seek}
        />
        <span className={css.clock}>
          {clockOf(position * 1000)} / {clockOf(timeline.duration * 1000)}
        </span>
        {behind && (
          <span className={layout.muted} role="status">
            {t('drawing')}
          </span>
        )}
        <NativeSelect
          aria-label={t('speed')}
          value={String(speed)}
          onChange={(event) => setSpeed(Number(event.currentTarget.value))}
          data={speeds.map((one) => ({ value: String(one), label: `${one}×` }))}
        />
        <Switch label={t('skipIdle')} checked={skipIdle} onChange={(event) => onIdle(event.currentTarget.checked)} />
        <Button leftSection={<IconLink size={16} stroke={1.5} aria-hidden="true" />} onClick={share}>
          {t(copied ? 'copied' : 'share')}
        </Button>
      </div>
      <div className={css.sides}>
        <div className={css.screen} ref={box} aria-busy={behind} />
        <Transcript lines={lines} timeline={timeline} position={position} onSeek={replay.seek} />
      </div>
    </div>
  );
}
