import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { useAnswer } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { StateGlyph } from '../../ui/StateGlyph.tsx';
import { safeText } from '../../ui/safeText.ts';
import { ChangePassword } from './ChangePassword.tsx';
import { TurnOff, TurnOn } from './SecondFactor.tsx';
import css from './Settings.module.css';
import { settingsTexts } from './texts.ts';

type Open = 'password' | 'turnOn' | 'turnOff' | null;

/** Who is signed in, and how they prove it. */
export function Account() {
  const t = useTexts(settingsTexts);
  const session = useSession();
  const who = useAnswer('access.whoami', {}).data ?? session.who;
  const [open, setOpen] = useState<Open>(null);
  const [changed, setChanged] = useState(false);
  const close = () => setOpen(null);
  const server = safeText(session.server.name);
  return (
    <section className={css.section}>
      <h2>{t('account')}</h2>
      <dl className={css.facts}>
        <dt>{t('name')}</dt>
        <dd>{safeText(who.userName)}</dd>
        <dt>{t('role')}</dt>
        <dd>{t(who.role)}</dd>
        <dt>{t('server')}</dt>
        <dd>
          {server} <span className={css.muted}>{safeText(session.server.address)}</span>
        </dd>
        <dt>{t('password')}</dt>
        <dd>
          <Button onClick={() => setOpen('password')}>{t('changePassword')}</Button>
          {changed && <p role="status">{t('changed')}</p>}
        </dd>
        <dt>{t('factor')}</dt>
        <dd>
          <span className={css.factor} data-on={who.totp || undefined}>
            <StateGlyph state={who.totp ? 'ok' : 'not_started'} />
            {t(who.totp ? 'on' : 'off')}
          </span>
          <Button onClick={() => setOpen('turnOn')}>{t(who.totp ? 'renewFactor' : 'turnOn')}</Button>
          {who.totp && <Button onClick={() => setOpen('turnOff')}>{t('turnOff')}</Button>}
        </dd>
      </dl>
      <p>
        <Link className={css.link} href="/admin/devices">
          {t('mine')}
        </Link>
      </p>
      <p>
        <Button onClick={() => void session.signOut()}>{t('signOutOf', { server })}</Button>
      </p>
      {open === 'password' && (
        <ChangePassword
          onClose={close}
          onChanged={() => {
            close();
            setChanged(true);
          }}
        />
      )}
      {open === 'turnOn' && <TurnOn onClose={close} />}
      {open === 'turnOff' && <TurnOff onClose={close} />}
    </section>
  );
}
