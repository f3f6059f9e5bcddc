import { ActionIcon, Button } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { Mark } from '../../app/Mark.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import type { Profile } from '../../session/profile.ts';
import { EnvironmentChip } from '../../ui/EnvironmentChip.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import css from './ProfileList.module.css';
import { signInTexts } from './texts.ts';

interface Props {
  profiles: readonly Profile[];
  selected: string | null;
  onSelect(id: string): void;
  onForget(profile: Profile): void;
  onAdd(): void;
}

/** The servers that this device knows. */
export function ProfileList({ profiles, selected, onSelect, onForget, onAdd }: Props) {
  const t = useTexts(signInTexts);
  return (
    <aside className={css.side}>
      <div className={css.brand}>
        <Mark size={32} />
        OManager
      </div>
      <div className={css.caption}>
        <h2>{t('profiles')}</h2>
        <span>{profiles.length}</span>
      </div>
      <ul className={css.list}>
        {profiles.map((profile) => (
          <li key={profile.id} className={css.row} data-selected={profile.id === selected || undefined}>
            <button
              type="button"
              className={css.profile}
              aria-current={profile.id === selected ? 'true' : undefined}
              onClick={() => onSelect(profile.id)}
            >
              <span className={css.what}>
                <b>{safeText(profile.name)}</b>
                <span className={css.address}>{safeText(profile.address)}</span>
              </span>
              <span className={css.when}>
                {profile.environment && <EnvironmentChip environment={profile.environment} />}
                <span>{profile.lastUsedAt ? <Ago at={profile.lastUsedAt} /> : t('never')}</span>
              </span>
            </button>
            <ActionIcon
              className={css.forget ?? ''}
              aria-label={`${t('forget')}: ${safeText(profile.name)}`}
              onClick={() => onForget(profile)}
            >
              <IconTrash size={16} stroke={1.5} aria-hidden="true" />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <div className={css.add}>
        <Button fullWidth leftSection={<IconPlus size={16} stroke={1.5} aria-hidden="true" />} onClick={onAdd}>
          {t('addProfile')}
        </Button>
      </div>
    </aside>
  );
}
