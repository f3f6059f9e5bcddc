import { Button, Checkbox, SegmentedControl, Select, Textarea } from '@mantine/core';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { useAnswer } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { titleOf, useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import layout from '../../ui/layout.module.css';
import { editTexts } from './editTexts.ts';
import { byteLength, textOfFile } from './fileText.ts';
import { HostKeysImport } from './HostKeysImport.tsx';
import css from './ImportPage.module.css';
import { ServersImport } from './ServersImport.tsx';
import { serverTexts } from './texts.ts';

const formats = ['csv', 'ssh_config', 'yaml', 'known_hosts'] as const;
type Format = (typeof formats)[number];
/** As the contract takes it. */
const mostBytes = 4 * 1024 * 1024;

/** Servers, or their keys, from a file: first what it would do, then exactly that. */
export function ImportPage() {
  const t = useTexts(serverTexts);
  const e = useTexts(editTexts);
  const may = useMay();
  useTab('/servers/import', titleOf(editTexts, 'importTitle'));
  const picker = useRef<HTMLInputElement>(null);
  const [format, setFormat] = useState<Format>('csv');
  const [text, setText] = useState('');
  const [removeMissing, setRemoveMissing] = useState(false);
  const [zone, setZone] = useState('default');
  const [tooLarge, setTooLarge] = useState(false);
  /** What was asked to be previewed; anything typed since makes it old. */
  const [asked, setAsked] = useState<string | null>(null);
  const zones = useAnswer('zones.list', {}).data?.items.map(({ name }) => name) ?? ['default'];

  function change(next: string): void {
    const fits = byteLength(next) <= mostBytes;
    setTooLarge(!fits);
    // Half a file must not be taken for a whole one: what it does not name may be removed.
    setText(fits ? next : '');
    setAsked(null);
  }
  async function take(file: File | undefined): Promise<void> {
    if (!file) return;
    if (file.size > mostBytes) {
      setTooLarge(true);
      setText('');
      setAsked(null);
      return;
    }
    if (/\.csv$/i.test(file.name)) setFormat('csv');
    else if (/\.ya?ml$/i.test(file.name)) setFormat('yaml');
    else if (/known_hosts/i.test(file.name)) setFormat('known_hosts');
    else if (/config$/i.test(file.name)) setFormat('ssh_config');
    change(textOfFile(await file.arrayBuffer()));
  }

  if (!may('inventory.write')) return <EmptyState title={e('importTitle')}>{t('locked')}</EmptyState>;
  return (
    <div className={layout.columns}>
      <section className={`${layout.column} ${css.source}`}>
        <div className={layout.bar}>
          <h1>{e('importTitle')}</h1>
          <Link className={layout.push} href="/servers">
            {t('backToServers')}
          </Link>
        </div>
        <div className={css.form}>
          <SegmentedControl
            aria-label={e('format')}
            data={formats.map((value) => ({ value, label: e(value) }))}
            value={format}
            onChange={(value) => {
              const found = formats.find((one) => one === value);
              if (found) setFormat(found);
              setAsked(null);
            }}
          />
          <p className={css.hint}>{e(`formatHint_${format}`)}</p>
          <Textarea
            className={css.text ?? ''}
            aria-label={e('paste')}
            placeholder={e('paste')}
            spellCheck={false}
            value={text}
            error={tooLarge && e('tooLarge')}
            onChange={(event) => change(event.currentTarget.value)}
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault();
              void take(event.dataTransfer.files[0]);
            }}
          />
          <input
            ref={picker}
            type="file"
            hidden
            onChange={(event) => {
              void take(event.currentTarget.files?.[0]);
              event.currentTarget.value = '';
            }}
          />
          {format === 'known_hosts' ? (
            <Select
              label={t('zone')}
              data={zones}
              value={zone}
              allowDeselect={false}
              onChange={(value) => {
                setZone(value ?? 'default');
                setAsked(null);
              }}
            />
          ) : (
            <Checkbox
              label={e('removeMissing')}
              checked={removeMissing}
              onChange={(event) => {
                setRemoveMissing(event.currentTarget.checked);
                setAsked(null);
              }}
            />
          )}
          <div className={css.actions}>
            <Button onClick={() => picker.current?.click()}>{e('file')}</Button>
            <Button variant="filled" disabled={text.trim() === ''} onClick={() => setAsked(text)}>
              {e('preview')}
            </Button>
          </div>
        </div>
      </section>
      <section className={`${layout.column} ${layout.grow}`} aria-label={e('preview')}>
        {asked === null ? (
          <EmptyState title={e('noPreview')}>{e('noPreviewWhy')}</EmptyState>
        ) : format === 'known_hosts' ? (
          <HostKeysImport text={asked} zone={zone} />
        ) : (
          <ServersImport file={{ format, text: asked, removeMissing }} />
        )}
      </section>
    </div>
  );
}
