import type { Recording } from '@omanager/contract';
import { useTexts } from '../../../i18n/useTexts.ts';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import layout from '../../../ui/layout.module.css';
import { clockOf } from '../../../ui/Time.tsx';
import { Replaying } from './Replaying.tsx';
import css from './Sessions.module.css';
import { sessionTexts } from './texts.ts';
import { useRecording } from './useRecording.ts';

/** Replays a recording, with what was shown as text beside it; both go by one map of time. */
export function Player({ recording }: { recording: Recording }) {
  const t = useTexts(sessionTexts);
  const { loaded, partly, done, of, error } = useRecording(recording.id);
  const last = loaded && loaded.count > 0 ? loaded.cast.timeOf(loaded.count - 1) : 0;
  return (
    <>
      {error && <ErrorNote error={error} />}
      {!loaded && !error && (
        <p className={css.note} role="status">
          {t('loadingFirst')}
        </p>
      )}
      {loaded && (
        <Replaying
          {...{ loaded, hasCommands: recording.commands > 0 }}
          arrived={loaded.isWhole || error ? null : done / Math.max(1, of)}
        />
      )}
      {/* What comes later stands below: nothing moves away under a click. */}
      {partly && (
        <p className={`${css.note} ${css.cut}`} role="status">
          {t('partly', {
            time: clockOf(last * 1000),
            megabytes: Math.round((loaded?.cast.startOf(loaded.count) ?? 0) / 2 ** 20),
          })}
        </p>
      )}
      {recording.sha256 !== null && (
        <p className={`${css.note} ${layout.mono}`}>{t('checksum', { sha256: recording.sha256 })}</p>
      )}
    </>
  );
}
