import { Button, NativeSelect, Slider, Switch } from '@mantine/core';
import {
  IconLink,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerTrackNext,
  IconPlayerTrackPrev,
} from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import { useTexts } from '../../../i18n/useTexts.ts';
import { clockOf } from '../../../ui/Time.tsx';
import css from './Sessions.module.css';
import { Transcript } from './Transcript.tsx';
import { sessionTexts } from './texts.ts';
import { createTimeline } from './timeline.ts';
import type { Loaded } from './useRecording.ts';
import { useReplay } from './useReplay.ts';
import { useTranscript } from './useTranscript.ts';

const speeds = [0.5, 1, 2, 4, 8, 16];
const idleSeconds = 2;
const sliderStep = 0.1;

interface Props {
  loaded: Loaded;
  /** Enter was pressed in it: known before it has come. */
  hasCommands?: boolean;
  /** How much of it has come, from 0 to 1; null: no more is on its way. */
  arrived?: number | null;
}

/** Plays what is loaded: of a terminal, or of what a server wrote in a run. */
export function Replaying({ loaded, hasCommands = false, arrived = null }: Props) {
  const t = useTexts(sessionTexts);
  const [params] = useSearchParams();
  const [speed, setSpeed] = useState(1);
  const [skipIdle, setSkipIdle] = useState(true);
  const [copied, setCopied] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const { cast, count, isWhole } = loaded;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the recording grows while it comes
  const timelines = useMemo(
    () => ({ short: createTimeline(cast, idleSeconds), whole: createTimeline(cast, null) }),
    [cast, count],
  );
  const timeline = skipIdle ? timelines.short : timelines.whole;
  const read = useTranscript(loaded);
  const { transcript } = read;
  const replay = useReplay(box, { cast, count, isWhole, timeline, speed, label: t('screen') });
  const { position, playing, behind } = replay;

  // A link names a moment of the recording itself, however it is played; it may not have come yet.
  const [asked, setAsked] = useState(Number(params.get('t') ?? 0));
  const hasCome = asked > 0 && (isWhole || timelines.whole.duration > asked);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it has come
  useEffect(() => {
    if (!hasCome) return;
    replay.seek(timeline.positionOf(Math.max(0, timelines.whole.countAt(asked) - 1)));
    setAsked(0);
  }, [hasCome]);

  const goTo = (to: 'previous' | 'next') => {
    const marks = transcript.commands.map((line) => timeline.positionOf(transcript.eventOf(line)));
    const found =
      to === 'next' ? marks.find((at) => at > position + 0.05) : marks.findLast((at) => at < position - 0.5);
    if (found !== undefined) replay.seek(found);
  };
  const share = () => {
    const at = cast.timeOf(Math.max(0, timeline.countAt(position) - 1));
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
          step={sliderStep}
          value={position}
          label={(value) => clockOf(value * 1000)}
          // Its last step is the end, to the last event.
          onChange={(value) => replay.seek(value > timeline.duration - sliderStep ? timeline.duration : value)}
        />
        <span className={css.clock}>
          {clockOf(position * 1000)} / {clockOf(timeline.duration * 1000)}
        </span>
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
        <div className={css.stage}>
          <div className={css.screen} ref={box} aria-busy={behind !== null} />
          {behind !== null && (
            <div className={css.behind} role="status">
              {t('drawing', { percent: Math.floor(behind * 100) })}
              <Button size="compact-xs" onClick={replay.cancel}>
                {t('cancelSeek')}
              </Button>
            </div>
          )}
          {arrived !== null && (
            <div className={css.arriving} role="status">
              {t('loading', { percent: Math.floor(arrived * 100) })}
            </div>
          )}
        </div>
        <Transcript {...{ cast, read, timeline, position, hasCommands }} onSeek={replay.seek} />
      </div>
    </div>
  );
}
